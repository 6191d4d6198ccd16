/* Thousands of Socket.IO listeners in one process (epoll), light enough that the server and not the load is measured.
 *
 *   load PORT CLIENTS SLOW COOKIES AUTH HELLO
 *
 * Connects CLIENTS WebSockets, at most BACKLOG of them under way at once. Line k of the file COOKIES (or "-") is the cookie, and
 * line k of AUTH the JSON of the CONNECT packet, of client k, round and round. Then each sends HELLO (a Socket.IO event that asks
 * for an acknowledgement) and is there when the acknowledgement has come. Prints {"joined": …}; after that each line
 * "expect ITEMS" on standard input makes it count ITEMS per client and print {"done": …}; "slow" makes the last SLOW clients stop
 * reading; end of input ends it.
 *
 * An item is an object with "t":NANOSECONDS of CLOCK_MONOTONIC and "s":NUMBER, which must go up by one: a gap or a repetition is
 * counted. Frames are expected whole, unmasked, without extensions (RFC 6455, section 5).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 100, BUFFER = 4 << 20, MOST_DELAYS = 40000000, QUIET_S = 20 };
enum state { CONNECTING, UPGRADING, OPENING, GREETING, JOINING, JOINED, GONE };

struct client {
    int fd, number;
    enum state state;
    char *kept; /* the beginning of a frame */
    size_t kept_size, kept_room;
    long last, items;
    uint64_t began;
};

struct lines { char **line; int count; };

static int port, count, slow, joined, waiting, next_client, finished, polls;
static long goal, gaps, repeats, gone;
static struct client *clients;
static struct lines cookies, auths;
static const char *hello;
static char *buffer;
static uint32_t *delays, *joins; /* microseconds */
static long delay_count;
static uint64_t last_news, first_news, goal_set;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char *what, const char *detail, int size) {
    fprintf(stderr, "load: %s: %.*s\n", what, size, detail);
    exit(1);
}

static int ascending(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

static struct lines read_lines(const char *path) {
    struct lines found = {NULL, 0};
    FILE *file = strcmp(path, "-") ? fopen(path, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    while (file && (size = getline(&line, &room, file)) > 0) {
        if (line[size - 1] == '\n') line[size - 1] = 0;
        found.line = realloc(found.line, sizeof(char *) * (found.count + 1));
        found.line[found.count++] = strdup(line);
    }
    free(line);
    if (file) fclose(file);
    return found;
}

static const char *line_of(const struct lines *lines, int number) {
    return lines->count ? lines->line[number % lines->count] : "";
}

/* A masked text frame; a mask of zeros is a mask. */
static void send_text(struct client *client, const char *text) {
    unsigned char frame[4096 + 8];
    size_t size = strlen(text), head = size < 126 ? 2 : 4;
    if (size > 4096) fail("too long to send", text, 40);
    frame[0] = 0x81;
    frame[1] = 0x80 | (size < 126 ? size : 126);
    if (size >= 126) frame[2] = size >> 8, frame[3] = size & 255;
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, size);
    if (send(client->fd, frame, head + 4 + size, MSG_NOSIGNAL) < 0 && errno != EPIPE) perror("load: send");
}

static void watch(struct client *client, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = client};
    epoll_ctl(polls, operation, client->fd, &event);
}

static void connect_more(void) {
    while (next_client < count && waiting < BACKLOG) {
        struct client *client = &clients[next_client];
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
        int on = 1, little = 4096;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        client->number = next_client++;
        client->last = -1;
        client->began = now();
        client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (client->fd < 0) fail("socket", strerror(errno), 80);
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (client->number >= count - slow) setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
        if (connect(client->fd, (void *)&address, sizeof address) < 0 && errno != EINPROGRESS) fail("connect", strerror(errno), 80);
        waiting++;
        watch(client, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
    }
}

static void upgrade(struct client *client) {
    char request[8192];
    const char *cookie = line_of(&cookies, client->number);
    int size = snprintf(request, sizeof request,
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s%s\r\n",
        port, *cookie ? "Cookie: " : "", cookie, *cookie ? "\r\n" : "");
    if (send(client->fd, request, size, MSG_NOSIGNAL) != size) fail("handshake", strerror(errno), 80);
    client->state = UPGRADING;
    watch(client, EPOLL_CTL_MOD, EPOLLIN);
}

static void there(struct client *client) {
    client->state = JOINED;
    joins[joined++] = (now() - client->began) / 1000;
    waiting--;
    connect_more();
}

static void count_items(struct client *client, char *text, size_t size) {
    char *at = text, *end = text + size;
    uint64_t time = now();
    while ((at = memmem(at, end - at, "\"t\":", 4))) {
        uint64_t said = strtoull(at + 4, &at, 10);
        char *place = memmem(at, end - at, "\"s\":", 4);
        long number = place ? strtol(place + 4, &at, 10) : -1;
        if (client->last >= 0 && number > client->last + 1) gaps++;
        if (client->last >= 0 && number <= client->last) repeats++;
        client->last = number;
        if (delay_count < MOST_DELAYS) delays[delay_count++] = (time - said) / 1000;
        if (!first_news) first_news = time;
        last_news = time;
        if (++client->items == goal) finished++;
    }
}

static void receive(struct client *client, char *text, size_t size) {
    char packet[4096];
    if (size == 1 && text[0] == '2') {
        send_text(client, "3");
    } else if (client->state == OPENING && size && text[0] == '0') {
        snprintf(packet, sizeof packet, "40%s", line_of(&auths, client->number));
        send_text(client, packet);
        client->state = GREETING;
    } else if (client->state == GREETING && size > 1 && text[0] == '4') {
        if (text[1] != '0') fail("refused", text, size < 300 ? size : 300);
        send_text(client, hello);
        client->state = JOINING;
    } else if (client->state == JOINING && size > 1 && text[0] == '4' && text[1] == '3') {
        if (memmem(text, size, "\"ok\":false", 10)) fail("not admitted", text, size < 300 ? size : 300);
        there(client);
    } else if (client->state == JOINED) {
        count_items(client, text, size);
    }
}

static void lose(struct client *client) {
    if (client->state < JOINED) fail("closed before it had joined", client->kept ? client->kept : "", client->kept_size);
    epoll_ctl(polls, EPOLL_CTL_DEL, client->fd, NULL);
    close(client->fd);
    client->state = GONE;
    gone++;
}

static void keep(struct client *client, const char *rest, size_t size) {
    if (client->kept_room < size) client->kept = realloc(client->kept, client->kept_room = size * 2);
    if (size) memmove(client->kept, rest, size);
    client->kept_size = size;
}

static void take(struct client *client) {
    size_t size = client->kept_size;
    memcpy(buffer, client->kept, size);
    ssize_t got = recv(client->fd, buffer + size, BUFFER - size, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) lose(client);
        return;
    }
    size += got;
    unsigned char *at = (unsigned char *)buffer;
    if (client->state == UPGRADING) {
        char *end = memmem(buffer, size, "\r\n\r\n", 4);
        if (!end) return keep(client, buffer, size);
        if (memcmp(buffer, "HTTP/1.1 101", 12)) fail("not upgraded", buffer, size < 300 ? (int)size : 300);
        at = (unsigned char *)end + 4;
        size -= (char *)at - buffer;
        client->state = OPENING;
    }
    while (size >= 2 && client->state != GONE) {
        size_t head = 2, length = at[1] & 127;
        if (length == 126) {
            if (size < 4) break;
            head = 4, length = at[2] << 8 | at[3];
        } else if (length == 127) {
            if (size < 10) break;
            head = 10, length = 0;
            for (int i = 2; i < 10; i++) length = length << 8 | at[i];
        }
        if (size < head + length) break;
        if ((at[0] & 15) == 1) receive(client, (char *)at + head, length);
        at += head + length;
        size -= head + length;
    }
    if (client->state != GONE) keep(client, (char *)at, size);
}

static double ms(uint32_t *sorted, long size, double share) { return size ? sorted[(long)((size - 1) * share)] / 1e3 : 0; }

static void say_joined(uint64_t began) {
    qsort(joins, joined, sizeof *joins, ascending);
    printf("{\"joined\":%d,\"seconds\":%.3f,\"p50_ms\":%.1f,\"p99_ms\":%.1f}\n", joined, (now() - began) / 1e9,
        ms(joins, joined, .5), ms(joins, joined, .99));
    fflush(stdout);
}

static void say_done(int complete) {
    long items = 0;
    for (int i = 0; i < count; i++) items += clients[i].items;
    qsort(delays, delay_count, sizeof *delays, ascending);
    printf("{\"done\":%s,\"items\":%ld,\"gaps\":%ld,\"repeats\":%ld,\"gone\":%ld,\"seconds\":%.3f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,"
        "\"max_ms\":%.2f}\n", complete ? "true" : "false", items, gaps, repeats, gone,
        items ? (last_news - first_news) / 1e9 : 0, ms(delays, delay_count, .5), ms(delays, delay_count, .99), ms(delays, delay_count, 1));
    fflush(stdout);
    goal = 0;
}

static void stop_reading(void) {
    for (int i = count - slow; i < count; i++) epoll_ctl(polls, EPOLL_CTL_DEL, clients[i].fd, NULL);
}

static void expect(long items) {
    goal = items;
    goal_set = now();
    delay_count = finished = 0;
    gaps = repeats = 0;
    first_news = last_news = 0;
    for (int i = 0; i < count; i++) clients[i].items = 0, clients[i].last = -1;
    printf("{\"expecting\":%ld}\n", items);
    fflush(stdout);
}

/* Returns 0 at the end of input. */
static int obey(int *reads_all) {
    char line[200];
    if (!fgets(line, sizeof line, stdin)) return 0;
    if (!strncmp(line, "expect ", 7)) expect(strtol(line + 7, NULL, 10));
    if (!strncmp(line, "slow", 4)) stop_reading(), *reads_all = 0;
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 7) fail("usage", "load PORT CLIENTS SLOW COOKIES AUTH HELLO", 60);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    setvbuf(stdin, NULL, _IONBF, 0);
    port = atoi(argv[1]), count = atoi(argv[2]), slow = atoi(argv[3]);
    cookies = read_lines(argv[4]), auths = read_lines(argv[5]), hello = argv[6];
    clients = calloc(count, sizeof *clients);
    joins = calloc(count, sizeof *joins);
    delays = malloc(MOST_DELAYS * sizeof *delays);
    buffer = malloc(BUFFER);
    polls = epoll_create1(0);
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL}, events[1024];
    epoll_ctl(polls, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    uint64_t began = now();
    int said = 0, reads_all = 1;
    connect_more();
    for (;;) {
        int found = epoll_wait(polls, events, 1024, 200);
        for (int i = 0; i < found; i++) {
            struct client *client = events[i].data.ptr;
            if (!client) {
                if (!obey(&reads_all)) return 0;
            } else if (client->state == CONNECTING) {
                upgrade(client);
            } else if (client->state != GONE) {
                take(client);
            }
        }
        if (joined == count && !said) say_joined(began), said = 1;
        if (goal && finished == count - (reads_all ? 0 : slow)) say_done(1);
        uint64_t since = last_news > goal_set ? last_news : goal_set;
        if (goal && now() > since + QUIET_S * 1000000000ull) say_done(0);
    }
}
