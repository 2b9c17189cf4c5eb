import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { buildWireTool } from './build.ts';

/** The far end: takes all mail, counts it and keeps nothing. */
export interface Sink {
  readonly port: number;
  reset(): Promise<void>;
  read(): Promise<SinkCounters>;
  /** Resolves once so many recipients have been served, or after `seconds`. */
  recipients(number: number, seconds: number): Promise<SinkCounters>;
  /** As if these members had not been served yet: they are to be served again. */
  forget(first: number, number: number): Promise<void>;
  /** The same for different members, `sub0@` and so on: none is counted twice. */
  members(number: number, seconds: number): Promise<SinkCounters>;
  /** Once the members with these numbers have all been served, whatever others get meanwhile; `last` is then the moment of the last one. */
  range(first: number, number: number, seconds: number): Promise<SinkCounters>;
  stop(): void;
}

export interface SinkCounters {
  readonly connections: number;
  readonly transactions: number;
  readonly recipients: number;
  readonly members: number;
  /** Of messages. */
  readonly bytes: number;
  /** When the first and the last message was accepted, in milliseconds of `monotonicNow`. */
  readonly first: number;
  readonly last: number;
}

/** Milliseconds of the clock that the sink uses, too. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Several benchmarks may run on one machine: it takes a free port, unless one is given. */
export async function startSink(port = 0): Promise<Sink> {
  const program = spawn(buildWireTool('sink'), [String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
  const bound = await nextLine(lines);

  async function order(command: string): Promise<SinkCounters> {
    const answer = nextLine(lines);
    program.stdin.write(`${command}\n`);
    const counters: SinkCounters = JSON.parse(await answer);
    return { ...counters, first: counters.first * 1000, last: counters.last * 1000 };
  }

  async function orderInTime(command: string, seconds: number): Promise<SinkCounters> {
    const timer = setTimeout(() => program.stdin.write('give-up\n'), seconds * 1000);
    try {
      return await order(command);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    port: Number(bound),
    reset: async () => void (await order('reset')),
    read: () => order('read'),
    forget: async (first, number) => void (await order(`forget ${first} ${number}`)),
    recipients: (number, seconds) => orderInTime(`recipients ${number}`, seconds),
    members: (number, seconds) => orderInTime(`members ${number}`, seconds),
    range: (first, number, seconds) => orderInTime(`range ${first} ${number}`, seconds),
    stop: () => program.stdin.end(),
  };
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('The sink ended.');
  return value;
}
