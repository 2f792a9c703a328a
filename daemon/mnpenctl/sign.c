// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEED		crypto_sign_SEEDBYTES
#define PUBLIC		crypto_sign_PUBLICKEYBYTES
#define SECRET		crypto_sign_SECRETKEYBYTES
#define SIGNATURE	crypto_sign_BYTES

static const char *read_seed(int fd, unsigned char seed[SEED])
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode) || st.st_size != SEED)
		return "it is no key: a key is 32 bytes";
	if (st.st_mode & 077)
		return "others can read it: chmod 600";
	return pread(fd, seed, SEED, 0) == SEED ? NULL : "it cannot be read";
}

/* Whole on the disk, or not there. */
static const char *make_seed(const char *path, unsigned char seed[SEED])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return strerror(errno);
	randombytes_buf(seed, SEED);
	good = write(fd, seed, SEED) == SEED && !fsync(fd);
	close(fd);
	if (good)
		return NULL;
	unlink(path);
	return "it cannot be written";
}

static const char *load_seed(const char *path, unsigned char seed[SEED])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *error;

	if (fd < 0)
		return errno == ENOENT ? make_seed(path, seed) :
					 strerror(errno);
	error = read_seed(fd, seed);
	close(fd);
	return error;
}

static char *text_of(const json_t *report)
{
	return json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
}

static json_t *sign(const unsigned char seed[SEED], const json_t *report)
{
	unsigned char public[PUBLIC], secret[SECRET], signature[SIGNATURE];
	char key[2 * PUBLIC + 1], hex[2 * SIGNATURE + 1];
	char *text = text_of(report);

	if (!text)
		return NULL;
	crypto_sign_seed_keypair(public, secret, seed);
	crypto_sign_detached(signature, NULL, (const unsigned char *)text,
			     strlen(text), secret);
	sodium_memzero(secret, sizeof(secret));
	free(text);
	sodium_bin2hex(key, sizeof(key), public, sizeof(public));
	sodium_bin2hex(hex, sizeof(hex), signature, sizeof(signature));
	return json_pack("{s:O, s:s, s:s}", "report", report, "publicKey", key,
			 "signature", hex);
}

json_t *sign_report(const char *key_file, json_t *report, const char **error)
{
	unsigned char seed[SEED];
	json_t *out = NULL;

	*error = sodium_init() < 0 ? "libsodium does not start" :
				     load_seed(key_file, seed);
	if (!*error) {
		out = sign(seed, report);
		*error = out ? NULL : "out of memory";
	}
	sodium_memzero(seed, sizeof(seed));
	json_decref(report);
	return out;
}

static bool take_hex(const json_t *o, const char *key, unsigned char *out,
		     size_t size)
{
	const char *hex = json_string_value(json_object_get(o, key));
	size_t n;

	return hex && strlen(hex) == 2 * size &&
	       !sodium_hex2bin(out, size, hex, 2 * size, NULL, &n, NULL) &&
	       n == size;
}

bool sign_check(const json_t *signed_report)
{
	const json_t *report = json_object_get(signed_report, "report");
	unsigned char public[PUBLIC], signature[SIGNATURE];
	char *text = json_is_object(report) ? text_of(report) : NULL;
	bool good;

	good = text && sodium_init() >= 0 &&
	       take_hex(signed_report, "publicKey", public, sizeof(public)) &&
	       take_hex(signed_report, "signature", signature,
			sizeof(signature)) &&
	       !crypto_sign_verify_detached(signature,
					    (const unsigned char *)text,
					    strlen(text), public);
	free(text);
	return good;
}
