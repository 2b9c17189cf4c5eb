import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { TokenKind } from '../../domain/token.ts';
import { forgetQuota } from '../../store/quotas.ts';
import { finishAlike, finishOne, type StoredToken } from '../../store/tokens.ts';
import { unansweredBucket } from '../answering.ts';
import { confirmResume, resumeIfSuspended } from '../bounces/resume-address.ts';
import { confirmOfficer } from '../commands/officer-commands.ts';
import { confirmAddressChange } from '../members/change-address.ts';
import { applyPreferences } from '../members/set-preferences.ts';
import type { Context, Operation } from '../operation.ts';
import { postAnyway } from '../posting/post-anyway.ts';
import { disownHeld, releaseHeld } from '../posting/release-held.ts';
import { keepHeld, withdrawHeld } from '../posting/withdraw-held.ts';
import { lookUpToken } from '../tokens.ts';
import { confirmJoin, confirmRejoin, decideAdmission } from './confirm-join.ts';
import { confirmLeave } from './request-leave.ts';

const input = z.object({ token: z.string().max(100), ip: z.string().optional() });
type ConfirmInput = z.infer<typeof input>;

/** What came of it, as one sentence for the person; `again` when it had been used before. */
export interface Confirmed {
  readonly kind: TokenKind;
  readonly sentence: string;
  readonly again: boolean;
  /** The question is settled: the token does nothing any more. */
  readonly settled: boolean;
}

/**
 * Does what a token promised, for whoever presents it: the token is the capability (email.md §3.3). Used again it answers politely
 * and does nothing.
 */
export const confirm = answerOperation(
  'confirm',
  'Carries out what a confirmation mail asked about.',
  carryOut,
);

/** Calls off what a token would have done. For a request to join that an owner was asked about this is their “no”. */
export const cancel = answerOperation('cancel', 'Calls off what a confirmation mail asked about.', callOff);

/** `act` does it and returns the sentence for the person. */
function answerOperation(
  name: 'confirm' | 'cancel',
  summary: string,
  act: (context: Context, token: StoredToken, request: ConfirmInput) => Promise<string>,
): Operation<ConfirmInput, Confirmed> {
  return {
    name,
    kind: 'command',
    summary,
    input,
    authorise: () => {},
    run: async (context, request) => {
      const token = await usableToken(context, request.token);
      if (token.doneAt !== null) {
        return {
          kind: token.kind,
          sentence: token.result ?? 'This was done already.',
          again: true,
          settled: true,
        };
      }
      const sentence = await act(context, token, request);
      // Somebody reads there and wants it: the questions were not in vain.
      if (name === 'confirm') {
        await forgetQuota(context.tx, unansweredBucket(token.email as Address));
        await resumeIfSuspended(context, token.email);
      }
      const settled = isSettledBy(name, token.kind);
      if (settled) await finish(context, token, { sentence, forAll: endsForAll(name, token.kind) });
      return { kind: token.kind, sentence, again: false, settled };
    },
    audit: (_, { kind, again }) => ({ kind, again }),
  };
}

/** To leave things as they are is no decision: a post can be taken back as long as it waits, and mail that stopped can come again. */
function isSettledBy(answer: 'confirm' | 'cancel', kind: TokenKind): boolean {
  return answer === 'confirm' || (kind !== 'withdraw' && kind !== 'resume');
}

/**
 * Several officers are asked about one person: the first answer is the answer. Of two addresses that must both agree one “no” is
 * enough: were only its own token used up, it would count as that address's answer to the other one's “yes”.
 */
function endsForAll(answer: 'confirm' | 'cancel', kind: TokenKind): boolean {
  return kind === 'admit' || (kind === 'address' && answer === 'cancel');
}

async function finish(
  context: Context,
  token: StoredToken,
  { sentence, forAll }: { readonly sentence: string; readonly forAll: boolean },
): Promise<void> {
  await (forAll ? finishAlike : finishOne)(context.tx, token, context.now, sentence);
}

async function usableToken(context: Context, text: string): Promise<StoredToken> {
  const token = await lookUpToken(context, text);
  if (!token) throw unknownToken();
  if (token.doneAt === null && token.expiresAt <= context.now) {
    throw new Refusal('expired', 'This link has run out. Ask again, and a fresh one comes by mail.');
  }
  return token;
}

function unknownToken(): Refusal {
  return new Refusal('not-found', 'This link is not one of ours, or was cut off on its way.');
}

/** A yes or no says too little about a post, and such a token is used more than once: src/operations/moderation/moderate.ts. */
function decideElsewhere(): Refusal {
  return new Refusal(
    'invalid',
    'This link is for deciding about posts: open it, or reply to the mail it came in.',
  );
}

async function callOff(context: Context, token: StoredToken): Promise<string> {
  if (token.kind === 'release') return disownHeld(context, token);
  if (token.kind === 'withdraw') return keepHeld(context, token);
  if (token.kind === 'moderate') throw decideElsewhere();
  if (token.kind === 'resume') return 'Nothing was changed. The same link brings the posts back.';
  return token.kind === 'admit' ? decideAdmission(context, token, 'no') : 'Called off: nothing was changed.';
}

function carryOut(context: Context, token: StoredToken, request: ConfirmInput): Promise<string> {
  switch (token.kind) {
    case 'join':
    case 'invite':
      return confirmJoin(context, token, request.ip);
    case 'leave':
      return confirmLeave(context, token);
    case 'preferences':
      return applyPreferences(context, token);
    case 'address':
      return confirmAddressChange(context, token);
    case 'rejoin':
      return confirmRejoin(context, token);
    case 'admit':
      return decideAdmission(context, token, 'yes');
    case 'post-anyway':
      return postAnyway(context, token);
    case 'release':
      return releaseHeld(context, token);
    case 'withdraw':
      return withdrawHeld(context, token);
    case 'officer':
      return confirmOfficer(context, token);
    case 'resume':
      return confirmResume(context, token);
    case 'moderate':
      throw decideElsewhere();
  }
}
