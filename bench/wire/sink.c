/*
 * The far end of every benchmark: an SMTP server that counts and keeps nothing. One process, epoll, PIPELINING (RFC 2920).
 *
 * Prints the port it listens on (127.0.0.1, or the one given as argument), then obeys lines on standard input:
 *   reset          sets all counters to zero and prints them
 *   read           prints them
 *   forget FIRST N as if the N members from number FIRST on had not been served yet, and prints them
 *   give-up        ends a wait for N, and prints them
 *   recipients N   prints them once N recipients have been served
 *   members N      prints them once N different members have been served: sub0@ ... sub1999999@, any domain
 *   range FIRST N  prints them once the N members from number FIRST on have all been served, whatever others get
 * A recipient is served when the message of its transaction has been accepted. Times are seconds of CLOCK_MONOTONIC, which is
 * the clock of Node's process.hrtime(). Ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FD 4096
#define BUFFER 65536
#define MAX_MEMBERS 2000000

/* How much of CR LF . CR LF has been seen. */
enum end_of_data { NOTHING, CR, LINE_START, DOT, DOT_CR };

struct session {
  int in_message;
  enum end_of_data seen;
  size_t in_length, out_length;
  int recipients, capacity;
  int *members; /* the numbers of the recipients of this transaction; -1 for others */
  char in[BUFFER], out[BUFFER];
};

static struct session *sessions[MAX_FD];
static unsigned char reached[MAX_MEMBERS];
static struct { long connections, transactions, recipients, members, bytes; double first, last; } count;
static struct { enum { NOBODY, RECIPIENTS, MEMBERS, RANGE } for_what; long number, first; } waiting;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void print_counters(void) {
  printf("{\"connections\":%ld,\"transactions\":%ld,\"recipients\":%ld,\"members\":%ld,\"bytes\":%ld,\"first\":%.6f,\"last\":%.6f}\n",
         count.connections, count.transactions, count.recipients, count.members, count.bytes, count.first, count.last);
  fflush(stdout);
}

static long reached_in_range(void) {
  long reached_ones = 0;
  for (long i = waiting.first; i < waiting.first + waiting.number && i < MAX_MEMBERS; i++) reached_ones += reached[i];
  return reached_ones;
}

static long got_so_far(void) {
  if (waiting.for_what == RANGE) return reached_in_range();
  return waiting.for_what == RECIPIENTS ? count.recipients : count.members;
}

static void answer_who_waits(void) {
  if (waiting.for_what == NOBODY || got_so_far() < waiting.number) return;
  waiting.for_what = NOBODY;
  print_counters();
}

static void say(struct session *s, const char *reply) {
  size_t length = strlen(reply);
  if (s->out_length + length > BUFFER) return; /* 65,536 bytes of replies to one flight: no client here sends so much */
  memcpy(s->out + s->out_length, reply, length);
  s->out_length += length;
}

static void add_recipient(struct session *s, const char *command) {
  if (s->recipients == s->capacity) {
    s->capacity = s->capacity ? s->capacity * 2 : 64;
    s->members = realloc(s->members, sizeof(int) * s->capacity);
  }
  const char *member = strcasestr(command, "<sub");
  s->members[s->recipients++] = member ? atoi(member + 4) : -1;
}

static void accept_message(struct session *s) {
  count.transactions++;
  count.recipients += s->recipients;
  count.last = now();
  if (count.first == 0) count.first = count.last;
  for (int i = 0; i < s->recipients; i++) {
    int member = s->members[i];
    if (member < 0 || member >= MAX_MEMBERS || reached[member]) continue;
    reached[member] = 1;
    count.members++;
  }
  s->recipients = 0;
  say(s, "250 2.0.0 OK\r\n");
}

static void obey(struct session *s, const char *command) {
  switch (command[0] | 32) {
    case 'e': say(s, "250-sink\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"); break;
    case 'm': s->recipients = 0; say(s, "250 2.1.0 OK\r\n"); break;
    case 'r':
      if ((command[1] | 32) == 's') s->recipients = 0; /* RSET */
      else add_recipient(s, command);
      say(s, "250 2.1.5 OK\r\n");
      break;
    case 'd': s->in_message = 1; s->seen = LINE_START; say(s, "354 go on\r\n"); break;
    case 'q': say(s, "221 2.0.0 bye\r\n"); break;
    default: say(s, "250 2.0.0 OK\r\n");
  }
}

/* Returns where the message ends, or `to` when it goes on; s->in_message says which. */
static const char *skip_message(struct session *s, const char *from, const char *to) {
  for (const char *at = from; at < to;) {
    if (s->seen == NOTHING) {
      const char *cr = memchr(at, '\r', to - at);
      if (!cr) return to;
      at = cr;
    }
    char c = *at++;
    enum end_of_data before = s->seen;
    s->seen = c == '\r' ? (before == DOT ? DOT_CR : CR) : NOTHING;
    if (c == '.' && before == LINE_START) s->seen = DOT;
    if (c == '\n' && before == CR) s->seen = LINE_START;
    if (c == '\n' && before == DOT_CR) {
      s->in_message = 0;
      return at;
    }
  }
  return to;
}

static void take_input(struct session *s) {
  const char *at = s->in, *end = s->in + s->in_length;
  while (at < end) {
    if (s->in_message) {
      const char *after = skip_message(s, at, end);
      count.bytes += after - at;
      at = after;
      if (!s->in_message) accept_message(s);
      continue;
    }
    char *newline = memchr(at, '\n', end - at);
    if (!newline) break;
    *newline = 0;
    obey(s, at);
    at = newline + 1;
  }
  s->in_length = end - at;
  memmove(s->in, at, s->in_length);
}

static void flush_replies(int fd, struct session *s) {
  for (size_t written = 0; written < s->out_length;) {
    ssize_t n = write(fd, s->out + written, s->out_length - written);
    if (n > 0) written += n;
    else if (errno == EAGAIN) poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1000);
    else break;
  }
  s->out_length = 0;
}

static void close_session(int fd) {
  close(fd);
  free(sessions[fd]->members);
  free(sessions[fd]);
  sessions[fd] = NULL;
}

static void serve(int fd) {
  struct session *s = sessions[fd];
  ssize_t n = read(fd, s->in + s->in_length, BUFFER - s->in_length);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return close_session(fd); /* also a command of 65,536 bytes, for which there is no room to read */
  s->in_length += n;
  take_input(s);
  if (s->out_length) flush_replies(fd, s);
  answer_who_waits();
}

static void greet(int listener, int poller) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), one = 1;
  if (fd < 0) return;
  if (fd >= MAX_FD) { close(fd); return; }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sessions[fd] = calloc(1, sizeof(struct session));
  epoll_ctl(poller, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
  count.connections++;
  say(sessions[fd], "220 sink ESMTP\r\n");
  flush_replies(fd, sessions[fd]);
}

static void reset(void) {
  memset(&count, 0, sizeof count);
  memset(reached, 0, sizeof reached);
  waiting.for_what = NOBODY;
}

static void forget(long first, long number) {
  for (long i = first; i < first + number && i < MAX_MEMBERS; i++) {
    count.members -= reached[i];
    reached[i] = 0;
  }
  print_counters();
}

static void take_order(void) {
  long first, number;
  char line[64];
  if (!fgets(line, sizeof line, stdin)) exit(0);
  if (sscanf(line, "recipients %ld", &waiting.number) == 1) waiting.for_what = RECIPIENTS;
  else if (sscanf(line, "members %ld", &waiting.number) == 1) waiting.for_what = MEMBERS;
  else if (sscanf(line, "range %ld %ld", &waiting.first, &waiting.number) == 2) waiting.for_what = RANGE;
  else if (sscanf(line, "forget %ld %ld", &first, &number) == 2) forget(first, number);
  else if (!strcmp(line, "give-up\n")) waiting.number = 0;
  else {
    if (!strcmp(line, "reset\n")) reset();
    print_counters();
  }
  answer_who_waits();
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(fd, (void *)&address, length) || listen(fd, 1024) || getsockname(fd, (void *)&address, &length)) {
    perror("sink");
    exit(1);
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdin, NULL, _IONBF, 0); /* a line that fgets had read ahead would not wake epoll */
  int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0), poller = epoll_create1(0);
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
  epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &(struct epoll_event){.events = EPOLLIN, .data.fd = STDIN_FILENO});
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) greet(listener, poller);
      else if (fd == STDIN_FILENO) take_order();
      else serve(fd);
    }
  }
}
