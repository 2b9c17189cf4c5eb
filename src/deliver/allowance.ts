import type { Answer } from '../domain/outcome.ts';

/** How much a destination may still get today: a new address on the Internet earns its reputation slowly (email.md §7.4). */
export interface Allowance {
  readonly left: number;
  readonly renewedAt: number;
  readonly whyNot: Answer;
  used(recipients: number): void;
}
