-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Wireshark dissector of the pen's wire protocol, version 1, as described in
-- kernel/Documentation/mnpen-protocol.rst. README.md says how to use it.
--
-- A pen is known by the test ID, by an interface of class 0xff and subclass
-- 0x4d whose descriptor was captured, or by a packet with the right shape and
-- checksum. After that everything from and to the device is taken for ours.

local mnpen = Proto("mnpen", "Microneedling pen")

-- Numbers of include/uapi/linux/mnpen.h and kernel/proto.h

local STATES = {
	[1] = "idle", [2] = "armed", [3] = "running", [4] = "stopping",
	[5] = "fault", [6] = "suspended", [7] = "resetting", [8] = "limp",
	[9] = "update", [10] = "gone",
}
local REASONS = {
	[0] = "none", [1] = "user", [2] = "duration", [3] = "lease",
	[4] = "close", [5] = "pm", [6] = "reset", [7] = "unbind",
	[8] = "telemetry", [9] = "fault", [10] = "limit", [11] = "forced",
	[12] = "shutdown", [13] = "protocol", [14] = "device",
}
local FAULTS = {
	[0] = "overcurrent", [1] = "overtemp", [2] = "stall", [3] = "depth",
	[4] = "supply", [5] = "sensor", [6] = "cartridge", [7] = "limits",
	[8] = "watchdog",
}
local FEATURES = {
	[0] = "depth", [1] = "battery", [2] = "cartridge", [3] = "pedal",
	[4] = "self_test", [5] = "dfu",
}
local LIMITS = {
	[0] = "depth", [1] = "rate", [2] = "run", [3] = "strokes",
	[4] = "current", [5] = "temp", [6] = "lease",
}
local RESULTS = {
	[0] = "ok", [1] = "unknown", [2] = "length", [3] = "crc",
	[4] = "state", [5] = "token", [6] = "late", [7] = "limit",
	[8] = "fault", [9] = "sequence",
}
local REQUESTS = {
	[0x10] = "GET_CAPS", [0x11] = "GET_STATUS", [0x12] = "GET_LIMITS",
	[0x20] = "LOWER_LIMITS", [0x21] = "ARM", [0x22] = "GET_ARM",
	[0x23] = "RUN", [0x24] = "STOP", [0x25] = "DISARM",
	[0x26] = "CLEAR_FAULT", [0x27] = "GET_CMD_RESULT",
	[0x30] = "GET_CALIB", [0x31] = "GET_CARTRIDGE",
	[0x32] = "MARK_CARTRIDGE", [0x33] = "SELF_TEST",
	[0x34] = "GET_SELF_TEST", [0x35] = "IDENTIFY",
	[0x36] = "TELEMETRY_RATE",
}
local CALIB_RECORDS = { [0] = "depth", [1] = "motor" }
local TESTS = {
	[0] = "memory", [1] = "sensors", [2] = "watchdog", [3] = "stop_path",
}
local CARTRIDGE_FLAGS = {
	[0] = "present", [1] = "signed", [2] = "used", [3] = "expired",
}
-- Code: name, then what the arguments are
local EVENTS = {
	[1] = { "state", "state_before" },
	[2] = { "stopped", "reason", "strokes" },
	[3] = { "fault_set", "fault_bits" },
	[4] = { "fault_cleared", "fault_bits" },
	[5] = { "cartridge", "present", "verdict" },
	[6] = { "pedal", "down" },
	[7] = { "button", "which", "down" },
	[8] = { "limits", "generation" },
	[9] = { "boot", "cause" },
	[10] = { "low_battery", "percent" },
	[11] = { "watchdog", "which" },
	[12] = { "stall", "motor_ma", "depth_um" },
}
local PACKETS = { [1] = "telemetry", [2] = "event" }
local COMMANDS = { [1] = "FEED", [2] = "STOP" }
local WHICH_LIMITS = { [0] = "latched", [1] = "absolute" }
local EVENT_NAMES = {}
for code, event in pairs(EVENTS) do EVENT_NAMES[code] = event[1] end

local PACKET_LEN, OUT_LEN, OUT_MAGIC = 64, 16, 0x4d4e

-- Fields

local F = {}

-- opts: unit, hex, names (of values), na (value that means: not available)
local function field(kind, name, label, opts)
	opts = opts or {}
	local make = ProtoField[kind]
	local abbrev = "mnpen." .. name
	local entry = { kind = kind, na = opts.na, show = opts.show,
		names = opts.names }
	if kind == "string" then
		entry.proto = make(abbrev, label)
	elseif opts.unit then
		entry.proto = make(abbrev, label, base.UNIT_STRING,
			{ " " .. opts.unit })
	elseif opts.hex then
		entry.proto = make(abbrev, label, base.HEX, opts.names)
	else
		entry.proto = make(abbrev, label, base.DEC, opts.names)
	end
	F[name] = entry
end

-- Hundredths and thousandths, without floating point
local function decimals(digits, unit)
	return function(value)
		local scale = 10 ^ digits
		local size = math.abs(value)
		return string.format("%s%d.%0" .. digits .. "d %s",
			value < 0 and "-" or "", math.floor(size / scale),
			size % scale, unit)
	end
end

field("uint8", "type", "Type", { names = PACKETS })
field("uint8", "len", "Length", { unit = "bytes" })
field("uint16", "seq", "Sequence")
field("uint32", "dev_time_us", "Time of the pen's clock", { unit = "us" })
field("uint8", "state", "State", { names = STATES })
field("uint8", "stop_reason", "Stop reason", { names = REASONS })
field("uint16", "token", "Token", { hex = true })
field("uint32", "fault_active", "Faults now", { hex = true })
field("uint32", "fault_latched", "Faults latched", { hex = true })
field("uint16", "rate_set_spm", "Rate set", { unit = "spm" })
field("uint16", "rate_spm", "Rate", { unit = "spm", na = 0xffff })
field("uint16", "depth_set_um", "Depth set", { unit = "um" })
field("uint16", "depth_um", "Depth", { unit = "um", na = 0xffff })
field("int16", "motor_ma", "Motor current", { unit = "mA", na = -0x8000 })
field("uint16", "bus_mv", "Bus voltage", { unit = "mV", na = 0xffff })
field("uint16", "battery_mv", "Battery voltage", { unit = "mV", na = 0xffff })
field("int16", "temp_motor_cdegc", "Motor temperature",
	{ unit = "cdegC", na = -0x8000, show = decimals(2, "degC") })
field("int16", "temp_board_cdegc", "Board temperature",
	{ unit = "cdegC", na = -0x8000, show = decimals(2, "degC") })
field("uint8", "battery_pct", "Battery", { unit = "%", na = 255 })
field("uint8", "power_flags", "Power flags", { hex = true })
field("uint32", "strokes", "Strokes since power-up")
field("uint16", "feed_left_ms", "Until the deadline", { unit = "ms" })
field("uint16", "limits_generation", "Limits generation")
field("uint32", "limits_crc32", "Limits CRC-32", { hex = true })
field("uint16", "last_cmd_seq", "Sequence of the last command")
field("uint16", "last_cmd_status", "Result of the last command",
	{ names = RESULTS })
field("uint16", "boot_id", "Boot ID", { hex = true })
field("uint16", "rx_crc_errors", "Received with a wrong CRC")
field("uint16", "crc16", "CRC-16", { hex = true })
field("uint32", "crc32", "CRC-32", { hex = true })

field("uint16", "event_seq", "Event sequence")
field("uint32", "event_code", "Event", { names = EVENT_NAMES })
field("uint32", "event_arg", "Argument")

field("uint16", "magic", "Magic", { hex = true })
field("uint8", "cmd", "Command", { names = COMMANDS })
field("uint32", "valid_until_us", "Valid until", { unit = "us" })

field("uint8", "request", "Request", { hex = true, names = REQUESTS })
field("uint16", "value", "wValue", { hex = true })
field("uint16", "index", "wIndex")
field("uint16", "length", "wLength", { unit = "bytes" })
field("uint16", "which_limits", "Limits asked for", { names = WHICH_LIMITS })
field("uint16", "limit_mask", "Fields that count", { hex = true })
field("uint16", "request_reason", "Stop reason", { names = REASONS })
field("uint16", "which_calib", "Record asked for", { names = CALIB_RECORDS })
field("uint16", "test_mask", "What to test", { hex = true })
field("uint16", "telemetry_period_ms", "Telemetry every", { unit = "ms" })

field("uint32", "nonce", "Nonce", { hex = true })
field("uint16", "feed_ms", "Will feed every", { unit = "ms" })
field("uint16", "arm_flags", "Flags", { hex = true })
field("uint16", "run_ms", "Stop by itself after", { unit = "ms" })
field("uint8", "run_flags", "Flags", { hex = true })
field("uint16", "result_code", "Result", { names = RESULTS })

field("uint16", "generation", "Generation")
field("uint32", "depth_max_um", "Deepest", { unit = "um" })
field("uint32", "rate_max_spm", "Fastest", { unit = "spm" })
field("uint32", "run_max_ms", "Longest run", { unit = "ms" })
field("uint32", "strokes_max", "Strokes since power-up, at most")
field("uint32", "current_max_ma", "Fault above", { unit = "mA" })
field("int32", "temp_max_mdegc", "Fault above",
	{ unit = "mdegC", show = decimals(3, "degC") })
field("uint32", "lease_max_ms", "Longest lease", { unit = "ms" })

field("uint16", "total_len", "Length of the image", { unit = "bytes" })
field("uint8", "major", "Major version")
field("uint8", "minor", "Minor version")
field("uint16", "device_wd_ms", "Furthest deadline", { unit = "ms" })
field("uint64", "features", "Features", { hex = true })
field("uint32", "depth_min_um", "Shallowest", { unit = "um" })
field("uint32", "depth_step_um", "Depth in steps of", { unit = "um" })
field("uint32", "rate_min_spm", "Slowest", { unit = "spm" })
field("uint32", "rate_step_spm", "Rate in steps of", { unit = "spm" })
field("uint16", "lease_min_ms", "Shortest lease", { unit = "ms" })
field("uint16", "caps_lease_max_ms", "Longest lease", { unit = "ms" })
field("uint32", "telemetry_period_us", "Telemetry every", { unit = "us" })
field("string", "fw_version", "Firmware")
field("string", "hw_model", "Model")

field("uint32", "clear_mask", "Faults to clear", { hex = true })
field("uint16", "record_version", "Version of the record")
field("uint16", "record_len", "Length of the record", { unit = "bytes" })
field("uint16", "calib_record", "Record", { names = CALIB_RECORDS })
field("uint8", "calib_count", "Rows in use")
field("uint32", "calib_date", "Measured on")
field("uint32", "calib_jig", "Measured with")
field("uint16", "calib_point", "Point")
field("uint8", "cartridge_type", "Type of cartridge")
field("uint8", "needles", "Needles")
field("uint16", "needle_length_um", "Length of the needles", { unit = "um" })
field("uint32", "lot", "Lot")
field("uint32", "unit", "Unit")
field("uint32", "expiry", "Last good day")
field("uint16", "uses", "Uses")
field("uint16", "cartridge_flags", "Verdict", { hex = true })
field("uint32", "test_asked", "Asked for", { hex = true })
field("uint32", "test_done", "Done", { hex = true })
field("uint32", "test_failed", "Failed", { hex = true })
field("uint16", "watchdog_ms", "The watchdog bit after", { unit = "ms" })
field("uint16", "stop_us", "From STOP to drive off", { unit = "us" })
field("uint32", "test_detail", "Detail of the first failure", { hex = true })

-- One flag for each bit, so that they can be searched for.
local BITS = {}
local function bit_fields(name, width, names)
	BITS[name] = { width = width, names = names, proto = {} }
	for number, text in pairs(names) do
		BITS[name].proto[number] = ProtoField.bool("mnpen." .. name ..
			"." .. text, text)
	end
end
bit_fields("fault_active", 32, FAULTS)
bit_fields("fault_latched", 32, FAULTS)
bit_fields("features", 64, FEATURES)
bit_fields("limit_mask", 16, LIMITS)
bit_fields("power_flags", 8, { [0] = "bus_power", [1] = "charging" })
bit_fields("run_flags", 8, { [0] = "update" })
bit_fields("arm_flags", 16, { [0] = "pedal" })
bit_fields("clear_mask", 32, FAULTS)
bit_fields("cartridge_flags", 16, CARTRIDGE_FLAGS)
bit_fields("test_mask", 16, TESTS)
bit_fields("test_asked", 32, TESTS)
bit_fields("test_done", 32, TESTS)
bit_fields("test_failed", 32, TESTS)

local all = {}
for _, entry in pairs(F) do all[#all + 1] = entry.proto end
for _, entry in pairs(BITS) do
	for _, proto in pairs(entry.proto) do all[#all + 1] = proto end
end
mnpen.fields = all

local E = {
	crc = ProtoExpert.new("mnpen.bad_crc", "Checksum is wrong",
		expert.group.CHECKSUM, expert.severity.ERROR),
	length = ProtoExpert.new("mnpen.bad_length", "Length is wrong",
		expert.group.MALFORMED, expert.severity.ERROR),
	unknown = ProtoExpert.new("mnpen.unknown", "Unknown value",
		expert.group.UNDECODED, expert.severity.WARN),
	reserved = ProtoExpert.new("mnpen.reserved", "Reserved byte is not 0",
		expert.group.PROTOCOL, expert.severity.WARN),
	gap = ProtoExpert.new("mnpen.gap", "Sequence is not the next",
		expert.group.SEQUENCE, expert.severity.NOTE),
	fault = ProtoExpert.new("mnpen.fault", "A fault is latched",
		expert.group.RESPONSE_CODE, expert.severity.WARN),
	refused = ProtoExpert.new("mnpen.refused", "The pen refused it",
		expert.group.RESPONSE_CODE, expert.severity.WARN),
}
do
	local list = {}
	for _, e in pairs(E) do list[#list + 1] = e end
	mnpen.experts = list
end

-- Layouts: offset, size, field, and a filter name for bits. They have a
-- length, where the checksum is, and which bytes are reserved.

local TELEMETRY = {
	name = "Telemetry", len = 64, crc = "crc16", reserved = { 60, 2 },
	{ 0, 1, "type" }, { 1, 1, "len" }, { 2, 2, "seq" },
	{ 4, 4, "dev_time_us" }, { 8, 1, "state" }, { 9, 1, "stop_reason" },
	{ 10, 2, "token" }, { 12, 4, "fault_active" },
	{ 16, 4, "fault_latched" }, { 20, 2, "rate_set_spm" },
	{ 22, 2, "rate_spm" }, { 24, 2, "depth_set_um" },
	{ 26, 2, "depth_um" }, { 28, 2, "motor_ma" }, { 30, 2, "bus_mv" },
	{ 32, 2, "battery_mv" }, { 34, 2, "temp_motor_cdegc" },
	{ 36, 2, "temp_board_cdegc" }, { 38, 1, "battery_pct" },
	{ 39, 1, "power_flags" }, { 40, 4, "strokes" },
	{ 44, 2, "feed_left_ms" }, { 46, 2, "limits_generation" },
	{ 48, 4, "limits_crc32" }, { 52, 2, "last_cmd_seq" },
	{ 54, 2, "last_cmd_status" }, { 56, 2, "boot_id" },
	{ 58, 2, "rx_crc_errors" },
}
local EVENT = {
	name = "Event", len = 64, crc = "crc16", reserved = { 56, 6 },
	{ 0, 1, "type" }, { 1, 1, "len" }, { 2, 2, "seq" },
	{ 4, 4, "dev_time_us" }, { 8, 2, "event_seq" }, { 10, 1, "state" },
	{ 11, 1, "stop_reason" }, { 12, 4, "event_code" },
}
local OUT = {
	name = "Command", len = 16, crc = "crc16", reserved = { 12, 2 },
	{ 0, 2, "magic" }, { 2, 1, "cmd" }, { 3, 1, "stop_reason" },
	{ 4, 2, "seq" }, { 6, 2, "token" }, { 8, 4, "valid_until_us" },
}
local ARM = {
	name = "Arm", len = 16, crc = "crc16", reserved = { 12, 2 },
	{ 0, 4, "nonce" }, { 4, 4, "limits_crc32" }, { 8, 2, "feed_ms" },
	{ 10, 2, "arm_flags" },
}
local ARM_REPLY = {
	name = "Arm reply", len = 8, crc = "crc16",
	{ 0, 4, "nonce" }, { 4, 2, "token" },
}
local RUN = {
	name = "Run", len = 20, crc = "crc16", reserved = { 15, 3 },
	{ 0, 2, "token" }, { 2, 2, "seq" }, { 4, 4, "valid_until_us" },
	{ 8, 2, "rate_set_spm" }, { 10, 2, "depth_set_um" },
	{ 12, 2, "run_ms" }, { 14, 1, "run_flags" },
}
local LIMITS_IMAGE = {
	name = "Limits", len = 36, crc = "crc32", reserved = { 2, 2 },
	{ 0, 2, "generation" }, { 4, 4, "depth_max_um" },
	{ 8, 4, "rate_max_spm" }, { 12, 4, "run_max_ms" },
	{ 16, 4, "strokes_max" }, { 20, 4, "current_max_ma" },
	{ 24, 4, "temp_max_mdegc" }, { 28, 4, "lease_max_ms" },
}
local RESULT = {
	name = "Result", len = 8, crc = "crc16", reserved = { 4, 2 },
	{ 0, 2, "seq" }, { 2, 2, "result_code" },
}
local CAPS = {
	name = "Caps", crc = "crc16",
	{ 0, 2, "total_len" }, { 2, 1, "major" }, { 3, 1, "minor" },
	{ 4, 2, "boot_id" }, { 6, 2, "device_wd_ms" }, { 8, 8, "features" },
	{ 16, 4, "depth_min_um" }, { 20, 4, "depth_max_um" },
	{ 24, 4, "depth_step_um" }, { 28, 4, "rate_min_spm" },
	{ 32, 4, "rate_max_spm" }, { 36, 4, "rate_step_spm" },
	{ 40, 2, "lease_min_ms" }, { 42, 2, "caps_lease_max_ms" },
	{ 44, 4, "telemetry_period_us" }, { 48, 32, "fw_version" },
	{ 80, 32, "hw_model" },
}

local CLEAR = { name = "Clear", len = 6, crc = "crc16", { 0, 4, "clear_mask" } }
local MARK = { name = "Mark", len = 4, crc = "crc16", { 0, 2, "token" } }
local CALIB = {
	name = "Calibration", len = 68, crc = "crc32", reserved = { 7, 1 },
	{ 0, 2, "record_version" }, { 2, 2, "record_len" },
	{ 4, 2, "calib_record" }, { 6, 1, "calib_count" },
	{ 8, 4, "calib_date" }, { 12, 4, "calib_jig" },
}
local CARTRIDGE = {
	name = "Cartridge", len = 28, crc = "crc32",
	{ 0, 2, "record_version" }, { 2, 2, "record_len" },
	{ 4, 1, "cartridge_type" }, { 5, 1, "needles" },
	{ 6, 2, "needle_length_um" }, { 8, 4, "lot" }, { 12, 4, "unit" },
	{ 16, 4, "expiry" }, { 20, 2, "uses" }, { 22, 2, "cartridge_flags" },
}
local SELF_TEST = {
	name = "Self test", len = 24, crc = "crc16", reserved = { 20, 2 },
	{ 0, 4, "test_asked" }, { 4, 4, "test_done" }, { 8, 4, "test_failed" },
	{ 12, 2, "watchdog_ms" }, { 14, 2, "stop_us" },
	{ 16, 4, "test_detail" },
}

-- What goes with a request, and what comes back
local DATA_OUT = {
	[0x20] = LIMITS_IMAGE, [0x21] = ARM, [0x23] = RUN, [0x26] = CLEAR,
	[0x32] = MARK,
}
local DATA_IN = {
	[0x10] = CAPS, [0x11] = TELEMETRY, [0x12] = LIMITS_IMAGE,
	[0x22] = ARM_REPLY, [0x27] = RESULT, [0x30] = CALIB,
	[0x31] = CARTRIDGE, [0x34] = SELF_TEST,
}
-- Requests whose wValue means something, and what
local VALUES = {
	[0x12] = "which_limits", [0x20] = "limit_mask",
	[0x24] = "request_reason", [0x30] = "which_calib",
	[0x33] = "test_mask", [0x36] = "telemetry_period_ms",
}

-- Checksums. Lua before 5.3 has no operator for "exclusive or".

local xor
if bit and bit.bxor then
	xor = function(a, b) return bit.bxor(a, b) % 0x100000000 end
else
	xor = load("return function(a, b) return a ~ b end")()
end

local function crc16(bytes, count)
	local crc = 0xffff
	for i = 0, count - 1 do
		crc = xor(crc, bytes:get_index(i) * 0x100)
		for _ = 1, 8 do
			local top = crc >= 0x8000
			crc = crc * 2 % 0x10000
			if top then crc = xor(crc, 0x1021) end
		end
	end
	return crc
end

local function crc32(bytes, count)
	local crc = 0xffffffff
	for i = 0, count - 1 do
		crc = xor(crc, bytes:get_index(i))
		for _ = 1, 8 do
			local low = crc % 2 == 1
			crc = math.floor(crc / 2)
			if low then crc = xor(crc, 0xedb88320) end
		end
	end
	return xor(crc, 0xffffffff)
end

local CHECKSUMS = {
	crc16 = { crc16, 2, "0x%04x" }, crc32 = { crc32, 4, "0x%08x" },
}

-- Whether the last bytes of the range are the checksum of those before it
local function sealed(tvb, len, kind)
	local sum = CHECKSUMS[kind or "crc16"]
	if len <= sum[2] then return false end
	local want = sum[1](tvb:range(0, len):bytes(), len - sum[2])
	return tvb:range(len - sum[2], sum[2]):le_uint() == want, want
end

-- Building the tree

local function value_of(range, kind)
	if kind == "string" then return range:stringz() end
	if kind == "uint64" then return range:le_uint64() end
	if kind:sub(1, 3) == "int" then return range:le_int() end
	return range:le_uint()
end

local function bit_is_set(value, number)
	if type(value) == "number" then
		return math.floor(value / 2 ^ number) % 2 == 1
	end
	return value:rshift(number):band(UInt64(1)):tonumber() == 1
end

local function add_bits(item, range, name, value)
	local entry = BITS[name]
	local texts = {}
	for number = 0, entry.width - 1 do
		if bit_is_set(value, number) then
			local proto = entry.proto[number]
			local text = entry.names[number] or "bit " .. number
			texts[#texts + 1] = text
			if proto then
				item:add(proto, range, true)
			else
				item:add_proto_expert_info(E.unknown,
					"Unknown bit " .. number)
			end
		end
	end
	local text = #texts > 0 and table.concat(texts, ", ") or "none"
	item:append_text(" (" .. text .. ")")
	return text
end

-- Adds one field; returns its value.
local function add_field(tree, range, name)
	local entry = F[name]
	local value = value_of(range, entry.kind)
	local item = entry.kind == "string" and tree:add(entry.proto, range, value)
		or tree:add_le(entry.proto, range)
	if entry.na and value == entry.na then
		item:append_text(" (not available)")
	elseif entry.show then
		item:append_text(" (" .. entry.show(value) .. ")")
	end
	if BITS[name] then add_bits(item, range, name, value) end
	return value, item
end

local function add_checksum(tree, tvb, len, kind)
	local sum = CHECKSUMS[kind]
	local ok, want = sealed(tvb, len, kind)
	local item = tree:add_le(F[kind].proto, tvb:range(len - sum[2], sum[2]))
	if ok then
		item:append_text(" (correct)")
	else
		item:append_text(" (wrong, should be " ..
			string.format(sum[3], want) .. ")")
		item:add_proto_expert_info(E.crc)
	end
	return ok
end

local function add_reserved(tree, tvb, reserved)
	local bytes = tvb:range(reserved[1], reserved[2]):bytes()
	for i = 0, bytes:len() - 1 do
		if bytes:get_index(i) ~= 0 then
			tree:add_proto_expert_info(E.reserved)
			return
		end
	end
end

-- A whole image. Returns the values by field name, and whether its checksum
-- is right; nil if it has another length.
local function add_image(tree, tvb, layout)
	local len = layout.len or tvb:len()
	if tvb:len() ~= len then
		tree:add_proto_expert_info(E.length, string.format(
			"%d bytes instead of %d", tvb:len(), len))
		return nil, false
	end
	local values = {}
	for _, f in ipairs(layout) do
		values[f[3]] = add_field(tree, tvb:range(f[1], f[2]), f[3])
	end
	if layout.reserved then add_reserved(tree, tvb, layout.reserved) end
	return values, add_checksum(tree, tvb, len, layout.crc)
end

local function name_of(names, value)
	return names[value] or "? (" .. value .. ")"
end

local function reading(value, field_name, unit)
	if value == F[field_name].na then return "-" end
	return value .. " " .. unit
end

local function bit_names(value, name)
	local texts = {}
	for number = 0, BITS[name].width - 1 do
		if bit_is_set(value, number) then
			texts[#texts + 1] = BITS[name].names[number] or
				"bit " .. number
		end
	end
	return #texts > 0 and table.concat(texts, "+") or "none"
end

-- IN packets

-- Of the frame: the sequence that should have come. Of the device: the last.
local expected, last_seq = {}, {}

local function device_of(pinfo)
	local here = tostring(pinfo.src)
	if here == "host" then here = tostring(pinfo.dst) end
	return here:gsub("%.%d+$", "")
end

local function check_sequence(tree, pinfo, seq)
	local device = device_of(pinfo)
	if not pinfo.visited and expected[pinfo.number] == nil then
		local last = last_seq[device]
		expected[pinfo.number] = last and (last + 1) % 0x10000 or seq
		last_seq[device] = seq
	end
	local want = expected[pinfo.number]
	if want and want ~= seq then
		tree:add_proto_expert_info(E.gap, string.format(
			"Sequence %d instead of %d", seq, want))
	end
end

local function telemetry_text(v)
	local text = string.format("Telemetry %d: %s", v.seq,
		name_of(STATES, v.state))
	if v.stop_reason ~= 0 then
		text = text .. " after " .. name_of(REASONS, v.stop_reason)
	end
	text = text .. ", " .. reading(v.rate_spm, "rate_spm", "spm") .. ", " ..
		reading(v.depth_um, "depth_um", "um") .. ", " .. v.strokes ..
		" strokes"
	if v.feed_left_ms ~= 0 then
		text = text .. ", " .. v.feed_left_ms .. " ms left"
	end
	if v.fault_latched ~= 0 then
		text = text .. ", faults " .. bit_names(v.fault_latched,
			"fault_latched")
	end
	return text
end

local function argument_text(name, value)
	if name == "reason" then return name_of(REASONS, value) end
	if name == "state_before" then return name_of(STATES, value) end
	if name == "fault_bits" then
		return bit_names(value, "fault_latched")
	end
	return tostring(value)
end

local function add_event_arguments(tree, tvb, code)
	local event = EVENTS[code] or {}
	local texts = {}
	for i = 0, 9 do
		local range = tvb:range(16 + 4 * i, 4)
		local value = range:le_uint()
		local name = event[i + 2]
		local item = tree:add_le(F.event_arg.proto, range)
		item:set_text(string.format("Argument %d: %d", i, value))
		if name then
			local text = argument_text(name, value)
			item:append_text(" (" .. name .. ": " .. text .. ")")
			texts[#texts + 1] = name .. " " .. text
		elseif value ~= 0 and #event == 0 then
			texts[#texts + 1] = value
		end
	end
	return table.concat(texts, ", ")
end

local function dissect_in(tvb, pinfo, tree)
	local kind = tvb:len() > 0 and tvb:range(0, 1):uint() or 0
	local layout = kind == 1 and TELEMETRY or kind == 2 and EVENT
	if not layout then
		add_field(tree, tvb:range(0, 1), "type")
		tree:add_proto_expert_info(E.unknown, "Unknown type of packet")
		return "Packet of unknown type " .. kind
	end
	local v, ok = add_image(tree, tvb, layout)
	if not v then return layout.name .. " of wrong length" end
	local text
	if layout == TELEMETRY then
		text = telemetry_text(v)
		if v.fault_latched ~= 0 then
			tree:add_proto_expert_info(E.fault)
		end
	else
		local arguments = add_event_arguments(tree, tvb, v.event_code)
		text = string.format("Event %d: %s", v.event_seq,
			name_of(EVENT_NAMES, v.event_code))
		if arguments ~= "" then text = text .. ", " .. arguments end
	end
	if ok then check_sequence(tree, pinfo, v.seq) end
	return ok and text or text .. " [BAD CRC]"
end

-- OUT packets

local function dissect_out(tvb, _, tree)
	local v, ok = add_image(tree, tvb, OUT)
	if not v then return "Command of wrong length" end
	local text = COMMANDS[v.cmd] or "Unknown command " .. v.cmd
	if v.magic ~= OUT_MAGIC then
		tree:add_proto_expert_info(E.unknown, "Unknown magic")
		text = "Unknown packet"
	elseif v.cmd == 1 then
		text = string.format("FEED %d: token 0x%04x until %d us", v.seq,
			v.token, v.valid_until_us)
	elseif v.cmd == 2 then
		text = "STOP: " .. name_of(REASONS, v.stop_reason)
	end
	return ok and text or text .. " [BAD CRC]"
end

-- Control requests: the setup packet without bmRequestType, then data

-- By frame: of a request what it asks, of an answer what was asked.
local setups, asked_by, last_setup = {}, {}, {}

local request_in = Field.new("usb.request_in")
local urb_status = Field.new("usb.urb_status")

local function request_name(setup)
	return REQUESTS[setup.request] or
		string.format("Unknown request 0x%02x", setup.request)
end

local function run_text(v)
	local text = string.format(" %d: %d spm, %d um, until %d us", v.seq,
		v.rate_set_spm, v.depth_set_um, v.valid_until_us)
	if v.run_ms ~= 0 then text = text .. ", " .. v.run_ms .. " ms" end
	if v.run_flags % 2 == 1 then text = text .. ", update" end
	return text
end

local IMAGE_TEXTS = {
	[RUN] = run_text,
	[TELEMETRY] = function(v) return ": " .. telemetry_text(v) end,
	[ARM] = function(v)
		return string.format(": nonce 0x%08x, feed every %d ms", v.nonce,
			v.feed_ms)
	end,
	[ARM_REPLY] = function(v)
		return string.format(": nonce 0x%08x, token 0x%04x", v.nonce,
			v.token)
	end,
	[RESULT] = function(v)
		return string.format(" %d: %s", v.seq,
			name_of(RESULTS, v.result_code))
	end,
	[LIMITS_IMAGE] = function(v)
		return string.format(" %d: %d um, %d spm, %d ms", v.generation,
			v.depth_max_um, v.rate_max_spm, v.run_max_ms)
	end,
	[CAPS] = function(v)
		return string.format(": %s %s, version %d.%d", v.hw_model,
			v.fw_version, v.major, v.minor)
	end,
	[CLEAR] = function(v)
		return ": " .. bit_names(v.clear_mask, "clear_mask")
	end,
	[MARK] = function(v) return string.format(": token 0x%04x", v.token) end,
	[CALIB] = function(v)
		return string.format(": %s, %d rows of %d",
			name_of(CALIB_RECORDS, v.calib_record), v.calib_count,
			v.calib_date)
	end,
	[CARTRIDGE] = function(v)
		return string.format(": %d needles of %d um, lot %d unit %d, %s",
			v.needles, v.needle_length_um, v.lot, v.unit,
			bit_names(v.cartridge_flags, "cartridge_flags"))
	end,
	[SELF_TEST] = function(v)
		return string.format(": done %s, failed %s",
			bit_names(v.test_done, "test_done"),
			bit_names(v.test_failed, "test_failed"))
	end,
}

local function image_text(layout, v) return IMAGE_TEXTS[layout](v) end

local function add_value(tree, range, setup)
	local name = VALUES[setup.request] or "value"
	add_field(tree, range, name)
	if name == "value" then return "" end
	local names = F[name].names
	if names then return " " .. name_of(names, setup.value) end
	if BITS[name] then return " " .. bit_names(setup.value, name) end
	return " " .. setup.value
end

-- Three columns, of which the record says what they are
local function add_points(tree, tvb, count)
	for row = 0, math.min(count, 8) - 1 do
		local at = 16 + 6 * row
		local texts = {}
		local item = tree:add(F.calib_point.proto, tvb:range(at, 2), row)
		for column = 0, 2 do
			texts[#texts + 1] = tvb:range(at + 2 * column, 2):le_uint()
		end
		item:set_text("Point " .. row .. ": " .. table.concat(texts, ", "))
		item:set_len(6)
	end
end

local function dissect_request(tvb, pinfo, tree)
	local setup = {
		request = tvb:range(0, 1):uint(),
		value = tvb:range(1, 2):le_uint(),
		length = tvb:range(5, 2):le_uint(),
	}
	setups[pinfo.number] = setup
	last_setup[device_of(pinfo)] = setup
	local _, item = add_field(tree, tvb:range(0, 1), "request")
	local text = request_name(setup) .. add_value(tree, tvb:range(1, 2), setup)
	add_field(tree, tvb:range(3, 2), "index")
	add_field(tree, tvb:range(5, 2), "length")
	if not REQUESTS[setup.request] then
		item:add_proto_expert_info(E.unknown, "Unknown request")
	end
	local layout = DATA_OUT[setup.request]
	if layout then
		local v, ok = add_image(tree, tvb:range(7):tvb(), layout)
		if not v then return text .. " of wrong length" end
		text = text .. image_text(layout, v)
		if not ok then text = text .. " [BAD CRC]" end
	end
	return text
end

-- The image's end is where total_len says, and the host may read less.
local function add_caps(tree, tvb)
	local total = tvb:len() >= 2 and tvb:range(0, 2):le_uint() or 0
	if total > tvb:len() and tvb:len() == 4 then
		for i = 1, 3 do
			local f = CAPS[i]
			add_field(tree, tvb:range(f[1], f[2]), f[3])
		end
		return nil, true, ": " .. total .. " bytes"
	end
	if total > tvb:len() or total < 6 then
		tree:add_proto_expert_info(E.length, "total_len " .. total)
		return nil, true, " of wrong length"
	end
	local values = {}
	for _, f in ipairs(CAPS) do
		if f[1] + f[2] <= total - 2 then
			values[f[3]] = add_field(tree, tvb:range(f[1], f[2]), f[3])
		end
	end
	local ok = add_checksum(tree, tvb, total, "crc16")
	return values.hw_model and values or nil, ok, ""
end

local function dissect_data(tree, tvb, setup)
	local layout = DATA_IN[setup.request]
	if not layout then return "" end
	local v, ok, text
	if layout == CAPS then
		v, ok, text = add_caps(tree, tvb)
	else
		v, ok = add_image(tree, tvb, layout)
		text = v and "" or " of wrong length"
		ok = ok or not v
	end
	if v then text = image_text(layout, v) end
	if v and layout == CALIB then add_points(tree, tvb, v.calib_count) end
	return ok and text or text .. " [BAD CRC]"
end

local function dissect_answer(tvb, pinfo, tree)
	local frame = request_in()
	local setup = frame and setups[frame.value] or asked_by[pinfo.number]
	if not setup then setup = last_setup[device_of(pinfo)] end
	asked_by[pinfo.number] = setup
	if not setup then return "Answer to a request that was not captured" end
	local name = request_name(setup)
	tree:add(F.request.proto, setup.request):set_generated()
	local status = urb_status()
	if status and status.value == -32 then
		tree:add_proto_expert_info(E.refused)
		return name .. " refused"
	elseif status and status.value ~= 0 then
		return name .. " failed: " .. status.value
	elseif tvb:len() == 0 then
		return name .. " taken"
	end
	return name .. " answered" .. dissect_data(tree, tvb, setup)
end

-- Entry points

local pens = {}		-- devices known to be pens

local function dissect(tvb, pinfo, tree, interrupt)
	local from_host = tostring(pinfo.src) == "host"
	if interrupt and tvb:len() == 0 then return 0 end
	pens[device_of(pinfo)] = true
	pinfo.cols.protocol = "MNPEN"
	local top = tree:add(mnpen, tvb:range())
	local way
	if interrupt then
		way = from_host and dissect_out or dissect_in
	else
		way = from_host and dissect_request or dissect_answer
	end
	local text = way(tvb, pinfo, top)
	top:append_text(", " .. text)
	pinfo.cols.info = text
	return math.max(tvb:len(), 1)
end

-- Endpoint 0 has control requests; all others are the interrupt pipes.
local function is_interrupt(pinfo)
	local far = tostring(pinfo.src)
	if far == "host" then far = tostring(pinfo.dst) end
	return far:match("%.(%d+)$") ~= "0"
end

function mnpen.dissector(tvb, pinfo, tree)
	return dissect(tvb, pinfo, tree, is_interrupt(pinfo))
end

local function looks_like_in(tvb)
	return tvb:len() == PACKET_LEN and PACKETS[tvb:range(0, 1):uint()] and
		tvb:range(1, 1):uint() == PACKET_LEN and sealed(tvb, PACKET_LEN)
end

local function looks_like_out(tvb)
	return tvb:len() == OUT_LEN and
		tvb:range(0, 2):le_uint() == OUT_MAGIC and sealed(tvb, OUT_LEN)
end

local function guess_interrupt(tvb, pinfo, tree)
	if not pens[device_of(pinfo)] and not looks_like_in(tvb) and
	   not looks_like_out(tvb) then
		return false
	end
	return dissect(tvb, pinfo, tree, true) > 0
end

local function guess_control(tvb, pinfo, tree)
	if not pens[device_of(pinfo)] then return false end
	if tostring(pinfo.src) == "host" and tvb:len() < 7 then return false end
	return dissect(tvb, pinfo, tree, false) > 0
end

mnpen:register_heuristic("usb.interrupt", guess_interrupt)
mnpen:register_heuristic("usb.bulk", guess_interrupt)
mnpen:register_heuristic("usb.control", guess_control)
DissectorTable.get("usb.product"):add(0x12090001, mnpen)

-- A manufacturer's own ID: the descriptor of the interface tells.
local interfaces = Listener.new("frame",
	"usb.bInterfaceClass == 0xff && usb.bInterfaceSubClass == 0x4d")
function interfaces.packet(pinfo)
	pens[device_of(pinfo)] = true
end
