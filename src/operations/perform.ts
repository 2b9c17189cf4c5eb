import { type Actor, describeActor } from '../domain/actor.ts';
import { Refusal } from '../domain/refusal.ts';
import { recordAudit } from '../store/audit.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Db } from '../store/store.ts';
import type { Context, Operation, Outside } from './operation.ts';

export type Perform = <I, O>(operation: Operation<I, O>, actor: Actor, raw: unknown) => Promise<O>;

/** The only caller of operations: validate → authorise → transaction → run → audit → commit. */
export function createPerform(outside: Outside): Perform {
  return async (operation, actor, raw) => {
    const input = validate(operation, raw);
    if (operation.kind === 'query') {
      return outside.store.read((tx) =>
        runIn(contextFor(outside, { tx, actor, now: outside.now(), handedOver: [] }), operation, input),
      );
    }
    const { outcome, handedOver } = await outside.store.write(
      async (tx) => {
        // Anew for each run: what an earlier one handed over was never committed.
        const run: Run = { tx, actor, now: outside.now(), handedOver: [] };
        return {
          outcome: await runIn(contextFor(outside, run), operation, input),
          handedOver: run.handedOver,
        };
      },
      { durable: operation.durable !== false },
    );
    outside.committed(handedOver);
    return outcome;
  };
}

interface Run {
  readonly tx: Db;
  readonly actor: Actor;
  readonly now: number;
  readonly handedOver: ClaimedDelivery[];
}

function contextFor(outside: Outside, run: Run): Context {
  return {
    tx: run.tx,
    actor: run.actor,
    now: run.now,
    site: outside.site,
    keys: outside.keys,
    fullText: outside.store.capabilities.fullText,
    randomBytes: (length) => outside.randomBytes(length),
    lease: () => outside.lease?.(),
    handOver: (deliveries) => void run.handedOver.push(...deliveries),
    perform: (inner, actor, raw) =>
      runIn(contextFor(outside, { ...run, actor }), inner, validate(inner, raw)),
  };
}

async function runIn<I, O>(context: Context, operation: Operation<I, O>, input: I): Promise<O> {
  await operation.authorise(context, input);
  const outcome = await operation.run(context, input);
  if (operation.kind === 'command') {
    const detail = operation.audit ? operation.audit(input, outcome) : input;
    if (detail !== undefined) {
      await recordAudit(context.tx, {
        at: context.now,
        actor: describeActor(context.actor),
        operation: operation.name,
        detail,
      });
    }
  }
  return outcome;
}

function validate<I, O>(operation: Operation<I, O>, raw: unknown): I {
  const parsed = operation.input.safeParse(raw);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
  );
  throw new Refusal('invalid', sentences.join('; '));
}
