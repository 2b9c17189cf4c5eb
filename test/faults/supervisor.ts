import type { Installation, ServerProcess, StartOptions } from '../support/program.ts';

/** Keeps one server running as systemd would: whenever it ends it is started again. */
export interface Supervisor {
  /** The server that listens now, or the next one that will. */
  server(): Promise<ServerProcess>;
  /** Its SMTP port. */
  port(): Promise<number>;
  /** kill -9, at once; false when no server listens just now. */
  kill(): boolean;
  /** How often it was started. */
  readonly starts: number;
  /** SIGTERM, and no new start. Resolves with the exit status. */
  stop(): Promise<number | null>;
}

/** `how`: the options of each start, counted from 1. */
export function supervise(
  installation: Installation,
  how: (start: number) => StartOptions = () => ({}),
): Supervisor {
  let starts = 0;
  let stopping = false;
  let server: ServerProcess;
  let up: ServerProcess | undefined;
  const waiting: ((server: ServerProcess) => void)[] = [];

  async function run(): Promise<number | null> {
    for (;;) {
      starts += 1;
      server = installation.serve(how(starts));
      if (await server.listening()) {
        up = server;
        if (stopping) server.signal('SIGTERM');
        for (const resolve of waiting.splice(0)) resolve(server);
      }
      const { status } = await server.ended();
      up = undefined;
      if (stopping) return status;
    }
  }

  const running = run();
  const listening = () =>
    up ? Promise.resolve(up) : new Promise<ServerProcess>((resolve) => waiting.push(resolve));
  return {
    server: listening,
    port: async () => (await listening()).smtpPort,
    kill() {
      const there = up !== undefined;
      up?.signal('SIGKILL');
      up = undefined;
      return there;
    },
    get starts() {
      return starts;
    },
    stop() {
      stopping = true;
      up?.signal('SIGTERM');
      return running;
    },
  };
}
