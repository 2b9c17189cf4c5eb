import { newField, putOnTop, removeFields, replaceField } from '../mail/edit-head.ts';
import { findFields, type HeaderField, type MailHead } from '../mail/headers.ts';
import type { Change } from './change.ts';

/** A header block on its way out, and what was done to it so far. */
export interface Draft {
  readonly head: MailHead;
  readonly changes: readonly Change[];
}

/** A field to be put: name, value without line ends, and why. */
export type NewField = readonly [name: string, value: string, why: string];

/** Without the fields for which `whyNot` has a reason. */
export function takeAway(draft: Draft, whyNot: (field: HeaderField) => string | undefined): Draft {
  const gone = draft.head.fields.flatMap((field) => {
    const why = whyNot(field);
    return why === undefined ? [] : [{ field, why }];
  });
  if (gone.length === 0) return draft;
  const which = new Set(gone.map(({ field }) => field));
  return {
    head: removeFields(draft.head, (field) => which.has(field)),
    changes: [
      ...draft.changes,
      ...gone.map(({ field, why }) => ({
        what: writtenName(field),
        why,
        before: field.value || field.raw.trim(),
      })),
    ],
  };
}

/** On top, in their order. */
export function addOnTop(draft: Draft, fields: readonly NewField[]): Draft {
  return {
    head: putOnTop(
      draft.head,
      fields.map(([name, value]) => newField(name, value)),
    ),
    changes: [...draft.changes, ...fields.map(([name, after, why]) => ({ what: name, why, after }))],
  };
}

/** The one field of its name: in its place, or on top where there is none. What says the same already keeps its bytes. */
export function putField(draft: Draft, [name, value, why]: NewField): Draft {
  const [old, ...more] = findFields(draft.head, name.toLowerCase());
  if (old?.value === value && more.length === 0) return draft;
  const change = { what: name, why, ...(old && { before: old.value }), after: value };
  return {
    head: replaceField(draft.head, newField(name, value)),
    changes: [...draft.changes, change],
  };
}

/** Each field as `as` wants it; undefined: as it is. */
export function rewriteFields(
  draft: Draft,
  as: (field: HeaderField) => HeaderField | undefined,
  why: string,
): Draft {
  const changes: Change[] = [];
  const fields = draft.head.fields.map((field) => {
    const changed = as(field);
    if (changed) changes.push({ what: writtenName(field), why, before: field.value, after: changed.value });
    return changed ?? field;
  });
  if (changes.length === 0) return draft;
  return { head: { ...draft.head, fields }, changes: [...draft.changes, ...changes] };
}

/** As its author wrote it: `CC`, `message-id`. */
function writtenName({ raw, name }: HeaderField): string {
  return name === '' ? 'a line' : raw.slice(0, name.length);
}
