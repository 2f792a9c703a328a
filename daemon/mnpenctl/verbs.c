// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of commands. All else is made of it: help, the man pages, the
 * completion of three shells, and the JSON schema of what --json prints.
 *
 * To add a verb: an entry here, its function (declared in mnpenctl.h), the
 * file in build.mk, its options in options.c. An entry is
 *  - its name, of one or two words;
 *  - its arguments, as help shows them. Words in capitals that completion.c
 *    knows (PEN, NODE, SESSION, AREA, CONCERN, FILE) are completed, small ones are
 *    completed as they stand; what begins with -- is only for people;
 *  - how many arguments at least and at most;
 *  - the groups of options.c that it takes;
 *  - the function; a summary for lists, small letter first, no full stop;
 *  - .json: what a line of its output is: a method of io.mnpen.Pen, whose reply
 *    is printed, a type of io.mnpen.ctl.varlink, or a type written out here,
 *    "(path: string)"; several with " | " between them. Errors need no mention;
 *  - .text: the rest of its man page, in sentences, without markup. An empty
 *    line begins a new paragraph;
 *  - .examples: one command line each, without "mnpenctl".
 * tests/unit/mnpenctl-verbs-test fails for an entry that lacks any of these,
 * and for output that does not fit its schema.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <string.h>

const struct verb verbs[] = {
	{ "status", "", 0, 0, 0, verb_status,
	  "can a session be run, and on what?",
	  .json = "Status",
	  .text = "Whether mnpend answers, what this user may do, every pen with its session and alarms, whether the clinic's files are in force, and the last session. Exit status 3 if there is no daemon.",
	  .examples = "status" },
	{ "list", "", 0, 0, 0, verb_list, "pens, their state and session",
	  .json = "ListPens",
	  .text = "Pens that are plugged in, what they can do, their state, and their session.",
	  .examples = "list\n--json list | jq '.pens[] | select(.state == \"fault\")'" },
	{ "info", "PEN", 1, 1, 0, verb_info, "one pen, with its limits and alarms",
	  .json = "(pen: Pen, capabilities: Capabilities, limits: []LimitInForce)",
	  .text = "What one pen can do, its state, who controls it, its alarms, and its session with the limits in force and who set them.",
	  .examples = "info MN-00123" },
	{ "replay", "FILE [--speed N]", 1, 1, OPT_REPLAY | OPT_ALONE, verb_replay,
	  "show a recording as monitor showed it",
	  .json = "Monitor | Gap",
	  .text = "A recording is what mnpenctl --json monitor printed. It is shown at its own pace, or faster; with --json its lines come again. No daemon is asked. mnpentop --replay shows it with its gauges.",
	  .examples = "--json monitor > visit.jsonl\nreplay visit.jsonl --speed 10" },
	{ "telemetry", "[PEN]", 0, 1, OPT_TELEMETRY, verb_telemetry,
	  "samples of one pen or all, until interrupted",
	  .json = "TelemetrySample | Gap",
	  .text = "Samples and nothing else, in columns, as CSV, or as JSON. Beside each stands how many were left out because whoever reads this was slow.\n\n"
		  "Fields: timeMicroseconds, penSequence, motor, depthSetMicrometres, depthMicrometres, rateSetStrokesPerMinute, rateStrokesPerMinute, currentMilliamps, motorTemperatureMillidegrees, strokes, leaseMilliseconds, motorMilliseconds. As CSV a motor that is on is 1.",
	  .examples = "telemetry --every 1000\ntelemetry MN-00123 --csv > run.csv\ntelemetry --json --fields depthMicrometres,rateStrokesPerMinute --count 100" },
	{ "monitor", "[PEN]", 0, 1, 0, verb_monitor,
	  "what happens, as it happens, until interrupted",
	  .json = "Monitor | Gap",
	  .text = "What happens to one pen or to all, until interrupted. When the connection is lost it says so, tries again, and begins anew with the whole state.",
	  .examples = "monitor\nmonitor MN-00123 --json" },
	{ "session run",
	  "--area A --concern C --depth UM --rate SPM --minutes N", 0, 0,
	  OPT_SESSION, verb_session_run,
	  "one guarded session from screening to record",
	  .json = "BeginSession | Progress | SessionEvent | EndSession | SessionRecord",
	  .text = "Takes control of the pen, goes through screening, begins the session, prints the limits in force and who set each, goes through the preparation, starts the motor, and shows its progress until the planned motor time is used up or something stops it. Then it ends the session and prints its sheet from the record.\n\n"
		  "On a terminal it asks: questions in groups, then each step of the preparation. Elsewhere nobody can be asked, and --screening clear and --preparation done have to say what is true.\n\n"
		  "While the motor runs, space, q, Ctrl-C, Ctrl-Z, SIGINT, SIGTERM and SIGHUP stop it at once. mnpenctl(1) tells the rest under A SESSION.",
	  .examples = "session run --area cheek --concern acne-scar --depth 1000 --rate 6000 --minutes 5" },
	{ "session steps",
	  "--area A --concern C --depth UM --rate SPM --minutes N", 0, 0,
	  OPT_SESSION, verb_session_steps,
	  "the same by a script, a step for each line it says",
	  .json = "BeginSession | Progress | SessionEvent | EndSession | StepDone",
	  .text = "Takes control of the pen and reads steps from standard input, one a line; each is answered by a line before the next is read. Nothing is ever asked.\n\n"
		  "answer CODE yes|no [WORDS]: a screening question; with --screening clear those not named are answered with no. begin: opens the session. confirm [CODE...]: preparation steps that were done; all of them with --preparation done. start: starts or resumes the motor. pause: motor off, to be resumed. set [depth UM] [rate SPM]: new set points. wait: until the motor stops. stop: at once. end: ends the session.\n\n"
		  "Control belongs to this process. When its input ends and no step is left, or on a signal, the motor stops and the session is ended. Exit status is that of the first step that failed.",
	  .examples = "session steps --area cheek --concern acne-scar --depth 1000 --rate 6000 --minutes 5 --screening clear --preparation done < steps" },
	{ "session aftercare", "SESSION|last [--ical]", 1, 1, OPT_CARE,
	  verb_aftercare, "what the patient is told, as list or calendar",
	  .json = "GetAftercare",
	  .text = "What the patient is told after a session: from when until when. No patient is named in it.",
	  .examples = "session aftercare last\nsession aftercare last --ical > aftercare.ics" },
	{ "plan", "--concern C [--area A,B] ...", 0, 0, OPT_PLAN, verb_plan,
	  "what the catalogue proposes; permits nothing",
	  .json = "PlanCourse",
	  .text = "What the catalogue proposes for one patient, for each area or for all areas of the concern: depth to begin with and at most, rate, pattern, punctures per cm2 to aim at, sessions, and the earliest day with the entry that asks for the wait. It permits nothing. What is left out counts as the most careful answer.",
	  .examples = "plan --concern acne-scar --area cheek --skin-type 3 --age 40\n"
		      "plan --concern acne-scar --area cheek,chin --last-date 2026-11-01 --last-depth 1000 --sessions 2" },
	{ "course", "PATIENT [--concern C]", 1, 1, OPT_COURSE, verb_course,
	  "a patient's sessions so far, and what comes next",
	  .json = "Course",
	  .text = "Sessions of a patient (a pseudonym) in this record, how many were planned, and for each area what the catalogue proposes next: depth, earliest day, sessions to go. It permits nothing. The whole record is read for it.",
	  .examples = "course P-17\ncourse P-17 --concern acne-scar --json" },
	{ "why", "[PEN]", 0, 1, 0, verb_why,
	  "the last refusal and the last stop, and the way on",
	  .json = "Why",
	  .text = "The last refusal and the last stop of a pen: which limit or interlock, its value, who set it, and what to do. Without a pen of the one that it happened to last, also if it was pulled out since.",
	  .examples = "why\nwhy MN-00123 --json" },
	{ "stop", "[PEN]", 0, 1, OPT_ALONE, verb_stop,
	  "stop one pen or all, at once; never asks",
	  .json = "Stop",
	  .text = "It never asks and does nothing else. Everybody may do it who may open any of the sockets; they are tried in the order operate, observe, admin until a daemon answered.",
	  .examples = "stop\nstop MN-00123" },
	{ "alarm list", "[PEN]", 0, 1, 0, verb_alarm_list,
	  "alarms, and what of them is to be heard",
	  .json = "Alarms",
	  .text = "Alarms of one pen or of all with their priority, and how long they are silent still.",
	  .examples = "alarm list" },
	{ "alarm ack", "PEN", 1, 1, 0, verb_alarm_ack,
	  "take note of a pen's alarms",
	  .json = "AcknowledgeAlarms",
	  .text = "Silences what is known now, and drops what is over. An alarm cannot be switched off. For administrators, and for whoever controls the pen.",
	  .examples = "alarm ack MN-00123" },
	{ "alarm pause", "PEN", 1, 1, 0, verb_alarm_pause,
	  "silence a pen for two minutes",
	  .json = "PauseAudio",
	  .text = "The sound comes back by itself after two minutes, or with anything more urgent. For administrators, and for whoever controls the pen.",
	  .examples = "alarm pause MN-00123" },
	{ "record list", "[--limit N]", 0, 0, OPT_LIST, verb_record_list,
	  "sessions in the record, newest first",
	  .json = "ListRecord",
	  .text = "The newest 20, or as many as asked for.",
	  .examples = "record list\nrecord list --limit 1000 --json" },
	{ "record show", "SESSION|last", 1, 1, 0, verb_record_show,
	  "one session as a sheet, with its rows",
	  .json = "GetRecord",
	  .text = "What was done in one session, then its rows in the record with the first digits of their hashes.",
	  .examples = "record show last" },
	{ "record sheet", "SESSION|last [--pdf --output FILE]", 1, 1, OPT_SHEET,
	  verb_record_sheet, "one session on paper, with plot and aftercare",
	  .json = "RecordSheet",
	  .text = "What was done, depth and rate over time with their limits and where it stopped, what the patient is to do and until when, and the first digits of the hash that everything before it hangs on.",
	  .examples = "record sheet last\nrecord sheet last --pdf --output sheet.pdf" },
	{ "record export", "[SESSION|last] [--format json|csv|fhir] ...", 0, 1,
	  OPT_EXPORT, verb_record_export, "rows for others, signed",
	  .json = "SignedRow | PageEnd | WrittenFile",
	  .text = "Rows for somebody else: of one session, of the days from --from to --until (both included), or all. mnpenctl(1) tells of the formats under EXPORTS. A file that did not become whole is removed.",
	  .examples = "record export last\nrecord export --from 2026-11-01 --until 2026-11-30 --format csv --output november.csv" },
	{ "record import", "FILE [--key HEX]", 1, 1, OPT_IMPORT,
	  verb_record_import, "another kiosk's export, checked whole",
	  .json = "ImportRecord",
	  .text = "Takes in another kiosk's export (JSON lines): its sessions count here as if they had happened here, for intervals and for cartridges. All of it is checked before anything is taken; a file that is not whole or was changed is refused with line and reason. Importing it again changes nothing. Rows that were made here and come back are known. A kiosk must keep the key it had at the first import, or --key names the new one.\n\n"
		  "For administrators, and while no session is open.",
	  .examples = "record import other-room.jsonl" },
	{ "record due", "", 0, 0, 0, verb_record_due,
	  "whom to ask how it went, after 24 h, 7 d and 30 d",
	  .json = "ListDue",
	  .text = "Sessions whose patient is to be asked how it went: 24 hours, 7 days and 30 days after the end. record follow-up answers one; 60 days after the session nobody is asked any more.",
	  .examples = "record due" },
	{ "record follow-up", "SESSION --nothing|--event CODE ...", 1, 1,
	  OPT_FORM, verb_record_follow_up, "how it went: answers such a form",
	  .json = "AddFollowUp",
	  .text = "Puts into the record how the patient was after a session: --nothing, or --event with --severity and --outcome. With --after it answers the form of that time, else it is what nobody had asked for. For operators.",
	  .examples = "record follow-up 0b9f2c1e-5a77-4c1e-9d35-6f2f0a9f1c44 --after 24 --nothing\n"
		      "record follow-up 0b9f2c1e-5a77-4c1e-9d35-6f2f0a9f1c44 --after 168 --event redness --severity mild --outcome fading" },
	{ "record amend", "SESSION ROW --instead TEXT --reason TEXT --operator O",
	  2, 2, OPT_AMEND, verb_record_amend,
	  "what a row should have said; the row stays",
	  .json = "AmendRow",
	  .text = "Adds a row that corrects one of this session, with reason and operator. The row itself stays as it is; sheet and exports show both. For operators.",
	  .examples = "record amend 0b9f2c1e-5a77-4c1e-9d35-6f2f0a9f1c44 41 --instead forehead --reason mistyped --operator O-2" },
	{ "record telemetry", "SESSION|last [--output FILE]", 1, 1, OPT_BLOCKS,
	  verb_record_telemetry, "every record of its runs, if they were kept",
	  .json = "(row: int, run: int, columns: string, lines: string)",
	  .text = "Raw telemetry of a session as a table, a line for each record that the pen sent while the motor ran. mnpend(8) keeps it only where --raw-telemetry says so, and for as long.",
	  .examples = "record telemetry last --output run.csv" },
	{ "record key", "", 0, 0, 0, verb_record_key,
	  "where the record ends, and the key that signs it",
	  .json = "GetHead",
	  .text = "Number and hash of the newest row, the public key that signs the record, and its origin, the hash of its first row. Noted elsewhere, on paper or in another system, they show a record that was cut short or written anew: mnpen-verify(1) takes them as --head and --key. The first sixteen digits stand for a hash where people compare it.",
	  .examples = "record key\nrecord key --json | jq -r .publicKey" },
	{ "record verify", "", 0, 0, 0, verb_record_verify,
	  "check every row's hash and signature",
	  .json = "VerifyRecord",
	  .text = "Lets the daemon check the hash of every row and every signature. Exit status 7 and the number of the first bad row if the record is broken. mnpen-verify(1) does it without a daemon.",
	  .examples = "record verify" },
	{ "record backup", "[PATH]", 0, 1, 0, verb_record_backup,
	  "a copy of all, also while a session runs",
	  .json = "BackupRecord",
	  .text = "For administrators. The path is one of the daemon's machine and begins with a slash; without one the copy lies beside the record. Nothing is overwritten.",
	  .examples = "record backup\nrecord backup /var/lib/mnpen/monday.db" },
	{ "catalogue check", "[FILE...]", 0, 16, OPT_ALONE, verb_catalogue_check,
	  "would mnpend take these files?",
	  .json = "CatalogueChanges",
	  .text = "Would mnpend(8) take these files of a clinic, or directories of such files, on top of what is built in? Without any: the files that it reads when it starts. No daemon is asked. A file that is refused is named with line and reason; exit status 1.",
	  .examples = "catalogue check our-rules.conf" },
	{ "catalogue diff", "[FILE...]", 0, 16, OPT_ALONE, verb_catalogue_diff,
	  "what they change of what is built in",
	  .json = "CatalogueChanges",
	  .text = "Checks files as catalogue check does, and lists every key that differs from what is built in.",
	  .examples = "catalogue diff our-rules.conf" },
	{ "catalogue show", "AREA|CONCERN", 1, 1, OPT_ALONE, verb_catalogue_show,
	  "one entry with its sources",
	  .json = "CatalogueEntries",
	  .text = "All keys of an entry of the files, the sources behind it, and which entries refer to it. No daemon is asked.",
	  .examples = "catalogue show cheek\ncatalogue show acne-scar" },
	{ "catalogue", "", 0, 0, 0, verb_catalogue,
	  "areas, concerns, screening and preparation",
	  .json = "GetCatalogue",
	  .text = "Areas and concerns with their depths, screening questions and preparation steps that are in force.",
	  .examples = "catalogue" },
	{ "reset", "PEN", 1, 1, 0, verb_reset,
	  "leave a fault whose cause is gone",
	  .json = "ResetFault",
	  .text = "The motor has to be off and the cause gone. An administrator may do it at any time, an operator when nobody else controls the pen.",
	  .examples = "reset MN-00123" },
	{ "identify", "PEN", 1, 1, 0, verb_identify, "let a pen blink",
	  .json = "Identify",
	  .text = "The pen blinks for some seconds, so that it is found among others. Never while its motor runs.",
	  .examples = "identify MN-00123" },
	{ "selftest verify", "FILE [--key HEX]", 1, 1, OPT_VERIFY | OPT_ALONE,
	  verb_selftest_verify, "is a self test's report as it was signed?",
	  .json = "SignedReport",
	  .text = "Exit status 7 if the report was changed, or was not signed by the key that --key names. Without --key only that nobody changed it since: anybody can make a key.",
	  .examples = "selftest verify MN-00123.json" },
	{ "selftest", "PEN|NODE [--output FILE --key-file FILE]", 1, 1, OPT_REPORT,
	  verb_selftest, "let a pen test itself, with a signed report",
	  .json = "SelfTest",
	  .text = "Memory, sensors, its own deadline, and how long Stop takes to reach the motor. The motor stands still. Not while a session is open or somebody else controls the pen. Exit status 5 if a test failed. That mnpend was asked for it is in the record.\n\n"
		  "A pen's id goes through mnpend, a node, /dev/mnpen0, is asked directly. --output with --key-file writes what was found, and about which pen, into a report with an Ed25519 signature.",
	  .examples = "selftest MN-00123\nselftest /dev/mnpen0 --key-file bench.key --output MN-00123.json" },
	{ "calibrate", "PEN|NODE [--readings SET:GAUGE,...]", 1, 1, OPT_CALIBRATE,
	  verb_calibrate, "depth set beside depth measured by a gauge",
	  .json = "Calibration",
	  .text = "Shows the pen's own table of depth, compares readings of a gauge with the depths that were set, and says whether they are within --tolerance, which straight line fits them, and which table they ask for. A pen's table is written in the factory and no request changes it: nothing is written to the pen, and nothing is moved.\n\n"
		  "On a terminal without --readings it asks for the gauge's reading at each depth of the table. --output writes the report as JSON. Exit status 6 if a reading is beyond the tolerance.",
	  .examples = "calibrate /dev/mnpen0\ncalibrate MN-00123 --readings 500:512,1000:1008 --tolerance 20 --json" },
	{ "cartridge", "PEN", 1, 1, 0, verb_cartridge,
	  "what the memory of a pen's cartridge says",
	  .json = "GetCartridge",
	  .text = "Needles, lot, number, last good day, and how often it was used, as the cartridge itself keeps it. Never while the motor runs.",
	  .examples = "cartridge MN-00123" },
	{ "bundle", "PEN [--output FILE]", 1, 1, OPT_BUNDLE, verb_bundle,
	  "all that is known about a pen, for whoever looks for a fault",
	  .json = "(mnpenctl: string, bundle: GetFaultBundle, why: Why)",
	  .text = "Its state, limits and last sample, what driver and kernel say, the last rows given to the record, the last refusal and the last stop, as JSON. Patients, operators and remarks are left out.",
	  .examples = "bundle MN-00123 --output bundle.json" },
	{ "clock confirm", "", 0, 0, 0, verb_clock_confirm,
	  "vouch for the clock after it was put ahead",
	  .json = "ConfirmClock",
	  .text = "Intervals between sessions hang on the clock, so that no session begins after it leapt until an administrator says that it is right. Who said so is in the record.",
	  .examples = "clock confirm" },
	{ "config check", "[FILE...]", 0, 16, OPT_ALONE, verb_config_check,
	  "would mnpend take all that the clinic sets?",
	  .json = "ConfigCheck",
	  .text = "Checks the clinic's catalogue as catalogue check does, and its list of recalled cartridges, recalls.conf. Without files: all that mnpend(8) reads. No daemon is asked. A file that is refused is named with line and reason; exit status 1.",
	  .examples = "config check our-rules.conf recalls.conf" },
	{ "config show", "", 0, 0, 0, verb_config_show,
	  "what the clinic sets, and whether it is in force",
	  .json = "Config",
	  .text = "Where mnpend(8) reads what a clinic sets, how many cartridges are recalled, every key that is set otherwise than built in, and whether it is in force: why mnpend refuses a file, or which depths of areas and concerns it has not read yet, and how to have them read.",
	  .examples = "config show\nconfig show --json | jq .pending" },
	{ "doctor", "", 0, 0, OPT_DOCTOR | OPT_ALONE, verb_doctor,
	  "what is wrong with this machine, and what to type",
	  .json = "Doctor",
	  .text = "Looks for all that commonly keeps a pen from working: a driver that is missing, of another kernel, not loaded or refused by Secure Boot; headers, udev rule and groups that are missing; a pen that is not on the bus, not bound or in a fault; sockets that are missing or closed to this user; a daemon that does not run, hangs or refuses the clinic's files; a clock that is behind or not kept; a disk that is full or read-only. Each is one sentence, with what to type. It changes nothing.\n\n"
		  "Exit status 1 if a problem was found. Without root some things cannot be seen.",
	  .examples = "doctor\n--json doctor | jq '.findings[] | select(.status == \"problem\")'" },
	{ "raw", "[PEN|NODE]", 0, 1, OPT_RAW, verb_raw,
	  "every record of a pen, decoded, until interrupted",
	  .json = "RawRecord | RawSums",
	  .text = "Every record with its time, the pen's packet counter, state and values; LOST with a number says how many records this reader missed before, GAP that the pen's counter jumped, RESET that the pen was reset or slept. The sums stand at the end.\n\n"
		  "A node, /dev/mnpen0, is read directly, beside mnpend or without it: all packets and the driver's events. A pen's id goes through mnpend, which tells a sample in 40 ms. Without either: mnpend's only pen, or the only node where mnpend does not run. Reading never renews a lease.",
	  .examples = "raw /dev/mnpen0\nraw MN-00123 --count 100 --json" },
	{ "capture", "[PEN|NODE] --output FILE", 0, 1, OPT_CAPTURE, verb_capture,
	  "what happened around a moment, as a file",
	  .json = "Captured",
	  .text = "Waits for --trigger and writes what came in the ms of --pre before it and of --post after it, or without a trigger what comes from now on, as CSV that plot, mnpentop --replay and table programs open. When interrupted, or when the pen goes, after the trigger: what there is. The file is made new; if the trigger never fires none is left, exit status 75.\n\n"
		  "A trigger is a field, a sign and a number, and fires where it becomes true. Fields: depth_set_um, depth_um, rate_set_spm, rate_spm, motor_ma, temp_motor_mdegc, temp_board_mdegc, lease_ms, strokes, bus_mv, battery_mv, battery_pct, limits_generation, fault_active, fault_latched. Signs: > >= < <= = !=. Or state=WORD, or event=WORD for events whose words begin so. Pens and nodes as for raw.",
	  .examples = "capture /dev/mnpen0 --trigger 'motor_ma>600' --pre 200 --output stall.csv\ncapture --post 5000 --output now.csv" },
	{ "plot", "FILE --output FILE.png|FILE.html", 1, 1, OPT_PLOT | OPT_ALONE, verb_plot,
	  "a capture as a picture or a page",
	  .json = "Plotted",
	  .text = "Curves of a capture, one below the other, with limits (broken), trigger (dotted) and events. A page (HTML) needs nothing but itself and has a table of the least and most of each field. A picture (PNG) is drawn by mnpen-plot.",
	  .examples = "plot stall.csv --output stall.png\nplot stall.csv --output stall.html" },
	{ "completion", "bash|zsh|fish", 1, 256, OPT_ALONE, verb_completion,
	  "a script that completes commands in a shell",
	  .json = "Completion",
	  .text = "Prints the completion script of a shell; make install puts it where the shell looks for it. The scripts ask completion words -- WORDS what may come next, so they know the pens, areas, concerns and sessions that the daemon knows.",
	  .examples = "completion bash > ~/.local/share/bash-completion/completions/mnpenctl" },
	{ "help", "[COMMAND]", 0, 2, OPT_ALONE, verb_help, "all commands, or one of them",
	  .json = "Help",
	  .text = "The same that COMMAND --help prints. With --json the table of commands, which man pages, completion and schemas are made of.",
	  .examples = "help session run\n--json help" },
	{ 0 },
};

static int words_of(const char *name)
{
	return strchr(name, ' ') ? 2 : 1;
}

static bool verb_is(const struct verb *verb, char **argv, int argc)
{
	size_t first = strcspn(verb->name, " ");

	if (words_of(verb->name) > argc ||
	    strncmp(argv[0], verb->name, first) || argv[0][first])
		return false;
	return words_of(verb->name) == 1 ||
	       !strcmp(argv[1], verb->name + first + 1);
}

const struct verb *verbs_find(char **argv, int argc, int *words)
{
	const struct verb *verb, *found = NULL;

	/* Two words win over one: "catalogue check" is not "catalogue". */
	for (verb = verbs; verb->name; verb++) {
		if (!verb_is(verb, argv, argc) ||
		    (found && words_of(verb->name) == 1))
			continue;
		*words = words_of(verb->name);
		found = verb;
	}
	return found;
}
