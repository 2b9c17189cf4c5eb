/*
 * The near end of the benchmarks of accepting: hands mails in over connections that stay open. usage: source [-p] PORT CONNECTIONS FROM TO FILE
 * FILE holds the mails as they go over the wire, each with its final dot. Each command waits for its reply, as in Postfix's smtp-source; with -p MAIL,
 * RCPT and DATA travel together, and each mail with the next envelope (RFC 2920).
 * Prints when it began and when the last mail was accepted, in seconds of CLOCK_MONOTONIC. Fails at the first refusal.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct connection {
  int fd;
  int sent;       /* how many parts of a transaction have been sent: MAIL, RCPT, DATA, mail */
  int awaited;    /* replies until the next step */
  int in_message; /* the mail has been sent, its reply has not come */
  char code[4];   /* how the line that is read begins */
  int length;
};

static struct iovec commands[3];
static char *next_mail, *mails_end;
static int pipelined;
static long unclaimed; /* mails for which nobody has sent an envelope */
static long waiting;   /* mails whose acceptance is missing */

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void send_all(int fd, struct iovec *parts, int count) {
  while (count > 0) {
    ssize_t n = writev(fd, parts, count);
    if (n < 0) fail("writev");
    for (; count > 0 && n >= (ssize_t)parts->iov_len; parts++, count--) n -= parts->iov_len;
    if (count > 0) {
      parts->iov_base = (char *)parts->iov_base + n;
      parts->iov_len -= n;
    }
  }
}

static struct iovec take_mail(void) {
  char *end = memmem(next_mail, mails_end - next_mail, "\r\n.\r\n", 5);
  if (!end) fail("a mail without its final dot");
  struct iovec mail = {next_mail, end + 5 - next_mail};
  next_mail = end + 5;
  return mail;
}

/* What comes next on a connection whose replies have all come. */
static void proceed(struct connection *c) {
  struct iovec parts[4];
  int count = 0;
  if (c->sent == 4) c->sent = 0;
  c->in_message = c->sent == 3;
  if (c->in_message) {
    parts[count++] = take_mail();
    c->sent = pipelined ? 0 : 4;
  }
  if (c->sent == 0 && unclaimed-- <= 0) c->sent = 4;
  int last = pipelined ? 3 : c->sent + 1;
  while (c->sent < 3 && c->sent < last) parts[count++] = commands[c->sent++];
  c->awaited = count;
  if (count > 0) send_all(c->fd, parts, count);
}

/* Counts replies, whose last line has no hyphen after its code (RFC 5321 section 4.2.1). */
static int count_replies(struct connection *c, const char *text, ssize_t size) {
  int replies = 0;
  for (ssize_t i = 0; i < size; i++) {
    if (c->length < 4) c->code[c->length] = text[i];
    c->length++;
    if (text[i] != '\n') continue;
    if (c->code[0] > '3') {
      fprintf(stderr, "refused: %.*s", (int)size, text);
      exit(1);
    }
    replies += c->code[3] != '-';
    c->length = 0;
  }
  return replies;
}

static int read_replies(struct connection *c) {
  char text[65536];
  ssize_t size = read(c->fd, text, sizeof text);
  if (size <= 0) fail("read");
  return count_replies(c, text, size);
}

static void take_replies(struct connection *c) {
  int replies = read_replies(c);
  /* The first reply after a mail is the mail's. */
  if (c->in_message && replies > 0) {
    waiting--;
    c->in_message = 0;
  }
  c->awaited -= replies;
  if (c->awaited == 0) proceed(c);
}

static void open_connection(struct connection *c, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (void *)&to, sizeof to)) fail("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void greet(struct connection *c) {
  while (read_replies(c) == 0);
  if (write(c->fd, "EHLO bench.example.org\r\n", 24) < 0) fail("write");
  while (read_replies(c) == 0);
}

static void read_mails(const char *path) {
  struct stat about;
  int fd = open(path, O_RDONLY);
  if (fd < 0 || fstat(fd, &about)) fail(path);
  next_mail = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (next_mail == MAP_FAILED) fail(path);
  mails_end = next_mail + about.st_size;
  for (char *at = next_mail; at < mails_end; at += 5, waiting++) {
    at = memmem(at, mails_end - at, "\r\n.\r\n", 5);
    if (!at) fail("a mail without its final dot");
  }
  unclaimed = waiting;
}

static struct iovec command(const char *format, const char *address) {
  char *text;
  int length = asprintf(&text, format, address);
  return (struct iovec){text, length};
}

int main(int argc, char **argv) {
  pipelined = argc > 1 && strcmp(argv[1], "-p") == 0;
  argv += pipelined;
  if (argc - pipelined != 6) return 2;
  int port = atoi(argv[1]), count = atoi(argv[2]), poller = epoll_create1(0);
  commands[0] = command("MAIL FROM:<%s>\r\n", argv[3]);
  commands[1] = command("RCPT TO:<%s>\r\n", argv[4]);
  commands[2] = command("DATA\r\n", "");
  read_mails(argv[5]);
  struct connection *all = calloc(count, sizeof *all);
  for (int i = 0; i < count; i++) open_connection(&all[i], port);
  for (int i = 0; i < count; i++) {
    greet(&all[i]);
    epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &all[i]});
  }
  double began = now();
  for (int i = 0; i < count; i++) proceed(&all[i]);
  while (waiting > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(poller, events, 64, 60000);
    if (ready <= 0) fail("stalled");
    for (int i = 0; i < ready; i++) take_replies(events[i].data.ptr);
  }
  printf("%.6f %.6f\n", began, now());
}
