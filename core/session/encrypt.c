/*
 * Online mode: from the name that a client claims to an identity that the session service vouches
 * for. The client sends a shared secret, encrypted to our key, and our token back, so that nobody
 * can send a captured answer again; then the service is asked whether a player of that name told it
 * of this very connection.
 *
 * Who could tell a secret that does not decrypt from a token that is wrong could have our key
 * decrypt what others sent. So both are answered after the same work and in the same way:
 * encrypted, in the first case with a secret that nobody knows.
 */
#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/rsa.h"
#include "identity/account.h"
#include "identity/server_hash.h"
#include "protocol/encryption.h"
#include "session/phases.h"

enum { WITH_KEY = 759, WITHOUT_KEY = 761 }; /* in login start */

static struct slice token_of(const struct session *session)
{
    return slice_of(session->token, sizeof session->token);
}

static void send_request(struct session *session)
{
    struct buf packets = {0};
    size_t mark =
        packet_begin(&packets, packet_map_id(session->map, PACKET_LOGIN_C_ENCRYPTION_REQUEST));

    encryption_request_write(session->protocol, rsa_key_public(session->worker->key),
                             token_of(session), &packets);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
}

void encrypt_begin(struct session *session, struct slice login_start)
{
    struct reader reader = reader_of(login_start);
    struct slice name = reader_string(&reader, PROFILE_NAME_CHARS_MAX);
    bool with_key = session->protocol >= WITH_KEY && session->protocol < WITHOUT_KEY;

    if (!reader_ok(&reader) || !account_name_valid(name)) {
        session_say_goodbye(session, MESSAGE_INVALID_NAME, "not an account's name");
        return;
    }
    if (with_key && profile_read_key(&session->profile, session->protocol, &reader) < 0) {
        session_malformed(session, "malformed key in login start");
        return;
    }
    memcpy(session->profile.name, name.data, name.len);
    random_bytes(session->token, sizeof session->token);
    session_move(session, SESSION_ENCRYPT);
    send_request(session);
}

static bool is_token(const struct session *session, struct slice sealed)
{
    uint8_t token[SESSION_TOKEN_BYTES];
    bool decrypted = rsa_key_decrypt(session->worker->key, sealed, token, sizeof token) == 0;
    bool same = secret_equal(slice_of(token, sizeof token), token_of(session));

    return decrypted && same;
}

/* Who brought a key signs with it, and nobody else can. */
static bool is_signed_token(const struct session *session,
                            const struct encryption_response *response)
{
    const struct profile_key *key = session->profile.key;
    struct buf data = {0};
    bool good;

    encryption_signed_write(token_of(session), response->salt, &data);
    good = rsa_verify(buf_slice(&key->der), buf_slice(&data), response->signature);
    buf_free(&data);
    return good;
}

/* What can be judged without the key. */
static bool is_whole(const struct session *session, const struct encryption_response *response)
{
    return response->secret.len == RSA_KEY_BYTES &&
           (response->is_signed || response->token.len == RSA_KEY_BYTES) &&
           response->is_signed == (session->profile.key != NULL);
}

/* The shared secret, and whether all is well; if not, the secret may be one that nobody knows. */
static bool open_response(struct session *session, const struct encryption_response *response,
                          uint8_t secret[static CIPHER_KEY_BYTES])
{
    uint8_t opened[CIPHER_KEY_BYTES];
    bool known =
        rsa_key_decrypt(session->worker->key, response->secret, opened, sizeof opened) == 0;
    bool fresh = response->is_signed ? is_signed_token(session, response)
                                     : is_token(session, response->token);

    random_bytes(secret, CIPHER_KEY_BYTES);
    if (known)
        memcpy(secret, opened, sizeof opened);
    mem_wipe(opened, sizeof opened);
    return known && fresh;
}

static void ask_service(struct session *session, const uint8_t secret[static CIPHER_KEY_BYTES])
{
    struct worker *worker = session->worker;
    char hash[SERVER_HASH_TEXT_BYTES];
    struct session_question question = {
        .id = session->id,
        .name = session->profile.name,
        .hash = hash,
        .address = worker->conf->prevent_proxy_connections ? session->address : NULL,
    };
    int err;

    server_hash(slice_of(secret, CIPHER_KEY_BYTES), rsa_key_public(worker->key), hash);
    err = session_service_ask(worker->service, &question);
    if (err == ERR_BUSY)
        session_say_goodbye(session, MESSAGE_SERVICE_BUSY, "too many wait for the session service");
    else if (err < 0)
        session_say_goodbye(session, MESSAGE_SERVICE_DOWN, "the session service is down");
}

static void on_response(struct session *session, struct slice body)
{
    uint8_t secret[CIPHER_KEY_BYTES];
    struct encryption_response response;
    bool good;

    if (encryption_response_read(session->protocol, body, &response) < 0 ||
        !is_whole(session, &response)) {
        session_malformed(session, "malformed encryption response");
        return;
    }
    good = open_response(session, &response, secret);
    conn_encrypt(session->client, secret);
    if (good) {
        session_move(session, SESSION_VERIFY);
        ask_service(session, secret);
    } else {
        session_malformed(session, "wrong secret or token");
    }
    mem_wipe(secret, sizeof secret);
    mem_wipe(session->token, sizeof session->token);
}

void encrypt_packet(struct session *session, const struct packet_in *packet)
{
    if (packet->kind == PACKET_LOGIN_S_ENCRYPTION_RESPONSE)
        on_response(session, packet->body);
    else
        session_malformed(session, "unexpected packet instead of an encryption response");
}

/* The service spells the name; the key that the client brought stays with it. */
static void take_profile(struct session *session, struct profile *profile)
{
    profile->key = session->profile.key;
    session->profile.key = NULL;
    profile_free(&session->profile);
    session->profile = *profile;
}

void encrypt_answered(void *owner, uint64_t id, enum session_service_answer answer,
                      struct profile *profile)
{
    struct session *session = worker_session(owner, id);

    if (!session || session->state != SESSION_VERIFY) {
        if (profile)
            profile_free(profile);
        return;
    }
    if (answer == SESSION_SERVICE_YES) {
        take_profile(session, profile);
        login_identified(session);
    } else if (answer == SESSION_SERVICE_NO) {
        session_say_goodbye(session, MESSAGE_NOT_VERIFIED, "the session service says no");
    } else {
        session_say_goodbye(session, MESSAGE_SERVICE_DOWN, "no answer of the session service");
    }
}

void encrypt_left(struct session *session)
{
    if (session->state == SESSION_VERIFY && session->worker->service)
        session_service_forget(session->worker->service, session->id);
}
