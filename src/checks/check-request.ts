import type { About, DnsErrorCode, RecordType } from '../dns/resolver.ts';
import type { Authentication } from '../domain/authentication.ts';
import type { AttachmentFact } from '../domain/checks.ts';
import type { AskedOwner, AuthenticationQuestion, OwnerQuestion } from './authenticate.ts';

/** What the pool of checkers and its threads say to each other. */

export interface CheckRequest {
  /** Absent: who sent it is not asked. */
  readonly authentication?: AuthenticationQuestion;
  readonly attachments: boolean;
  /** What the owner of the author's domain is asked, where a server in front has judged the mail and does not say it. */
  readonly owner?: OwnerQuestion;
}

export interface CheckResult {
  readonly authentication?: Authentication;
  readonly attachments: readonly AttachmentFact[];
  readonly owner?: AskedOwner;
}

export type ToThread =
  /** The bytes are the thread's own. */
  | {
      readonly kind: 'check';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly request: CheckRequest;
    }
  | { readonly kind: 'answers'; readonly answers: readonly DnsAnswer[] }
  | { readonly kind: 'ping' };

export type FromThread =
  /** First of all: its modules are loaded. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'ask'; readonly questions: readonly DnsQuestion[] }
  | { readonly kind: 'checked'; readonly id: number; readonly result: CheckResult }
  /** mailauth or we have a fault that this mail brings out. */
  | { readonly kind: 'failed'; readonly id: number; readonly why: string }
  | { readonly kind: 'pong' };

export interface DnsQuestion {
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
  readonly about: About;
}

export type DnsAnswer = { readonly id: number } & (
  | { readonly records: readonly unknown[] }
  | { readonly error: DnsErrorCode }
);
