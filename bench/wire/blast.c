/*
 * What the wire itself can do: a client that has nothing to think about. usage: blast PORT CONNECTIONS TRANSACTIONS RECIPIENTS BYTES
 * MAIL, RCPT and DATA travel together, and each message with the next envelope, so a transaction costs one round trip (RFC 2920).
 * Prints the seconds it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct connection {
  int fd;
  int awaited;    /* lines of reply until the next step */
  int in_message; /* the message has been sent, its reply has not come */
  int has_next;   /* an envelope went with it */
};

static struct iovec envelope, message;
static long total, started, done;
static int recipients;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void make_envelope(void) {
  char *text = malloc(64 * (recipients + 4));
  int length = sprintf(text, "MAIL FROM:<a@example.org>\r\n");
  for (int i = 0; i < recipients; i++) length += sprintf(text + length, "RCPT TO:<sub%06d@example.net>\r\n", i);
  length += sprintf(text + length, "DATA\r\n");
  envelope = (struct iovec){text, length};
}

static void make_message(int bytes) {
  char *text = malloc(bytes + 128);
  int length = sprintf(text, "Subject: x\r\n\r\n");
  while (length < bytes) length += sprintf(text + length, "%062d\r\n", 0);
  length += sprintf(text + length, ".\r\n");
  message = (struct iovec){text, length};
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

static void open_connection(struct connection *c, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char answer[4096];
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (void *)&to, sizeof to)) fail("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (read(c->fd, answer, sizeof answer) <= 0 || write(c->fd, "EHLO x\r\n", 8) < 0 || read(c->fd, answer, sizeof answer) <= 0) fail("greeting");
}

static void send_envelope(struct connection *c) {
  if (started == total) return;
  started++;
  send_all(c->fd, (struct iovec[]){envelope}, 1);
  c->awaited = recipients + 2;
  c->in_message = 0;
}

static void send_message(struct connection *c) {
  c->has_next = started < total;
  if (c->has_next) started++;
  send_all(c->fd, (struct iovec[]){message, envelope}, c->has_next ? 2 : 1);
  c->awaited = c->has_next ? recipients + 3 : 1;
  c->in_message = 1;
}

static void take_replies(struct connection *c) {
  char answer[65536];
  ssize_t n = read(c->fd, answer, sizeof answer);
  if (n <= 0) fail("read");
  for (char *at = answer; (at = memchr(at, '\n', answer + n - at)); at++) c->awaited--;
  if (c->awaited > 0) return;
  if (c->in_message) done++;
  if (!c->in_message || c->has_next) send_message(c);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  int port = atoi(argv[1]), connections = atoi(argv[2]), poller = epoll_create1(0);
  total = atol(argv[3]);
  recipients = atoi(argv[4]);
  make_envelope();
  make_message(atoi(argv[5]));
  struct connection *all = calloc(connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    open_connection(&all[i], port);
    epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &all[i]});
  }
  double begin = now();
  for (int i = 0; i < connections; i++) send_envelope(&all[i]);
  while (done < total) {
    struct epoll_event events[64];
    int ready = epoll_wait(poller, events, 64, 10000);
    if (ready <= 0) fail("stalled");
    for (int i = 0; i < ready; i++) take_replies(events[i].data.ptr);
  }
  printf("%.6f\n", now() - begin);
}
