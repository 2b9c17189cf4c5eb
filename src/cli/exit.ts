import { randomBytes } from 'node:crypto';
import { CommanderError } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { Refusal } from '../domain/refusal.ts';
import { printable } from './printable.ts';

/** 0 done; 1 refused, failed or done in part only, with a sentence on standard error; 2 wrong usage. */
export type ExitStatus = 0 | 1 | 2;

/** The command line itself is wrong, beyond what commander can see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Tells the person on standard error what ended the command, and the shell its status. */
export function explainExit(error: unknown, stderr: NodeJS.WritableStream): ExitStatus {
  const say = (text: string) => void stderr.write(`${text}\n`);
  // commander has said it already; help and version end this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    say(`listwright: ${error.message}`);
    return 2;
  }
  if (error instanceof Refusal) {
    // It may quote what a stranger wrote.
    say(`listwright: ${error.message.split('\n').map(printable).join('\n')}`);
    return 1;
  }
  if (error instanceof ConfigError) {
    say(`listwright: the configuration is wrong:\n${indent(error.message)}`);
    return 1;
  }
  say(`listwright: ${systemFailure(error) ?? bugReport(error)}`);
  return 1;
}

/** What the operating system refused is the person's to mend, not a bug; undefined for anything else. */
function systemFailure(error: unknown): string | undefined {
  // A name with several addresses fails once for each.
  if (error instanceof AggregateError) return systemFailure(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  // `cannot listen on 127.0.0.1:25: listen EACCES: …`: the place is named already.
  const { cause } = error;
  if (isFromOutside(cause)) return error.message.replace(cause.message, adviceFor(cause) ?? cause.message);
  if (!isFromOutside(error)) return undefined;
  const { path, address, port } = error;
  const place = path ?? (port === undefined ? address : `${address}:${port}`);
  const advice = adviceFor(error);
  return advice && place ? `${place}: ${advice}` : error.message;
}

type OutsideError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };

/** A system call failed, or OpenSSL could not read a certificate. */
function isFromOutside(error: unknown): error is OutsideError {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return 'syscall' in error || /^ERR_OSSL_/.test(`${error.code}`);
}

function adviceFor({ code }: OutsideError): string | undefined {
  return code === undefined ? undefined : advices[code];
}

const advices: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder.',
  EEXIST: 'it is there already, and nothing is written over: name another.',
  ENOTDIR: 'a part of this path is not a folder.',
  EISDIR: 'this is a folder, not a file.',
  EACCES:
    'permission denied. Run as the user whom it belongs to, or choose another place (ports below 1024 need a special right).',
  EPERM: 'permission denied.',
  EROFS: 'the file system is read-only.',
  ENOSPC: 'the disk is full.',
  EADDRINUSE:
    'another program (perhaps another listwright) listens there already. Stop it, or change `listen` in the configuration.',
  EADDRNOTAVAIL: 'this machine has no such address. Change `listen` in the configuration.',
  ECONNREFUSED: 'nothing answers there. Is it running?',
};

function bugReport(error: unknown): string {
  const reference = randomBytes(4).toString('hex');
  const whole = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `this is a bug, reference ${reference}. Nothing more was done.`,
    'Please report it with the lines below, the command you typed and what `npx listwright --version` says.',
    indent(whole),
  ].join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
