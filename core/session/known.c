/* What is known of a player, field by field, before any rule has seen it. */
#include "session/phases.h"

#include <stdio.h>

static void put_number(int64_t number, struct buf *out)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    buf_append_str(out, text);
}

static bool put_setting(const struct session *session, enum field field, struct buf *out)
{
    const struct settings *settings = &session->settings;

    if (!session->has_settings)
        return false;
    switch ((int)field) {
    case FIELD_CLIENT_LOCALE: buf_append_str(out, settings->locale); break;
    case FIELD_CLIENT_VIEW_DISTANCE: put_number(settings->view_distance, out); break;
    case FIELD_CLIENT_CHAT_MODE: put_number(settings->chat_mode, out); break;
    case FIELD_CLIENT_CHAT_COLORS: put_number(settings->chat_colors, out); break;
    case FIELD_CLIENT_SKIN_PARTS: put_number(settings->skin_parts, out); break;
    case FIELD_CLIENT_MAIN_HAND: put_number(settings->main_hand, out); break;
    case FIELD_CLIENT_TEXT_FILTERING: put_number(settings->text_filtering, out); break;
    case FIELD_CLIENT_SERVER_LISTING: put_number(settings->server_listing, out); break;
    case FIELD_CLIENT_PARTICLES: put_number(settings->particles, out); break;
    default: return false;
    }
    return true;
}

bool known_field(const struct session *session, enum field field, struct buf *out)
{
    char uuid[UUID_TEXT_BYTES];

    switch ((int)field) {
    case FIELD_PLAYER_UUID:
        uuid_format(&session->profile.uuid, uuid);
        buf_append_str(out, uuid);
        return true;
    case FIELD_PLAYER_NAME: buf_append_str(out, session->profile.name); return true;
    case FIELD_CONNECTION_IP: buf_append_str(out, session->address); return true;
    case FIELD_CONNECTION_HOSTNAME: buf_append_str(out, session->host); return true;
    case FIELD_CLIENT_PROTOCOL: put_number(session->protocol, out); return true;
    case FIELD_CLIENT_BRAND:
        buf_append_slice(out, buf_slice(&session->brand));
        return session->brand.len > 0;
    default: return put_setting(session, field, out);
    }
}
