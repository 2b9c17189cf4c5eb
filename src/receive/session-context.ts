import type { Door } from './door.ts';
import type { IntakeRules } from './message-intake.ts';

/** What every session of one listener works with. */
export interface SessionContext {
  readonly door: Door;
  readonly protocol: 'smtp' | 'lmtp';
  readonly hostname: string;
  /** In one transaction; more get 452 (RFC 5321 §4.5.3.1.8). */
  readonly maxRecipients: number;
  readonly intake: IntakeRules;
  hasDiskSpace(): Promise<boolean>;
}
