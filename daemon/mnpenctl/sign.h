/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports that carry a signature (Ed25519), and keys in files: 32 bytes of
 * seed that only their owner may read. A report is
 *   {"report": object, "publicKey": hex, "signature": hex}
 * and what is signed is the report's JSON without blanks and with sorted keys.
 */
#ifndef MNPENCTL_SIGN_H
#define MNPENCTL_SIGN_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Signs with the key of a file, which is made if there is none. Steals report.
 * NULL: *error is what to say: "others can read it".
 */
json_t *sign_report(const char *key_file, json_t *report, const char **error);

/* Is the signature of the key that it names? */
bool sign_check(const json_t *signed_report);

#endif /* MNPENCTL_SIGN_H */
