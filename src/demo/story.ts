import type { Actor } from '../domain/actor.ts';
import { searchArchive } from '../operations/archive/search-archive.ts';
import { createList } from '../operations/lists/create-list.ts';
import { setList } from '../operations/lists/set-list.ts';
import { addMembers } from '../operations/members/add-members.ts';
import { approveHeld } from '../operations/moderation/decide-held.ts';
import { listHeld } from '../operations/moderation/list-held.ts';
import type { Operation } from '../operations/operation.ts';
import type { Server } from '../server.ts';
import type { LetterIn, PostOffice } from './post-office.ts';

export interface Stage {
  readonly server: Server;
  readonly office: PostOffice;
  say(text: string): void;
}

const list = 'birds@lists.localhost';
const dana = { name: 'Dana Reyes', email: 'dana@example.net' };
const ana = { name: 'Ana Lindqvist', email: 'ana@example.org' };
const ola = { name: 'Ola Berg', email: 'ola@example.com' };
const eve = { name: 'Eve Stranger', email: 'eve@example.edu' };

/** Plays the story, telling each step and how long it took. Throws an Error that names the step which did not happen. */
export async function playStory(stage: Stage): Promise<void> {
  const { office } = stage;
  const found: { nests?: string } = {};

  await step(
    stage,
    'The operator makes the list birds, with Ana as its owner and 39 more members',
    async () => {
      await act(stage, createList, {
        address: list,
        owners: [ana.email],
        title: 'Birds of the north',
        purpose: 'Who saw what, where and when.',
      });
      await act(stage, setList, { list, changes: { listed: 'true', hold_first_posts: '0' } });
      const others = Array.from({ length: 38 }, (_, i) => ({
        email: `member${i + 1}@example.com`,
        name: '',
      }));
      await act(stage, addMembers, { list, members: [ola, ...others], consent: 'People of a story.' });
      return [`Everybody else writes to ${list}.`];
    },
  );

  await step(stage, 'Dana sends a mail to birds-join@', async () => {
    await office.send({ from: written(dana), to: 'birds-join@lists.localhost', subject: '', text: '' });
    const question = await newest(office, dana.email, /confirm/i);
    return ['She is asked whether it was really her:', ...quote(question)];
  });

  await step(stage, 'Dana replies with one word, and is on the list', async () => {
    const question = await newest(office, dana.email, /confirm/i);
    await office.send({
      from: written(dana),
      to: question.header('From')?.match(/<(.+)>/)?.[1] ?? '',
      subject: `Re: ${question.subject}`,
      text: 'yes',
    });
    const welcome = await newest(office, dana.email, /You are now on/);
    return quote(welcome);
  });

  await step(stage, 'Dana posts; all 41 members get a copy of their own', async () => {
    const sent = await office.send({
      from: written(dana),
      to: list,
      subject: 'Two ospreys at Lake Mire',
      text: 'Since this morning, on the old platform. Has anybody seen a ring?\n\nDana',
    });
    found.nests = sent.messageId;
    const copies = await Promise.all(
      [ana, ola, dana].map((person) => newest(office, person.email, /ospreys/)),
    );
    const [copy] = copies;
    if (new Set(copies.map((one) => one.returnPath)).size !== 3)
      throw new Error('the copies share a return path');
    return [
      `The server answered: ${sent.answer}`,
      'In Ana’s copy, and different in everybody’s:',
      `  Return-Path: <${copy?.returnPath}>`,
      `  List-Unsubscribe: ${copy?.header('List-Unsubscribe')}`,
      `  List-Unsubscribe-Post: ${copy?.header('List-Unsubscribe-Post')}`,
    ];
  });

  await step(stage, 'Ola answers, and the archive knows what belongs together', async () => {
    await office.send({
      from: written(ola),
      to: list,
      subject: 'Re: Two ospreys at Lake Mire',
      text: 'Blue ring, left leg: the pair of last year.\n\n> Has anybody seen a ring?\n',
      inReplyTo: found.nests ?? '',
    });
    await newest(office, dana.email, /^Re: Two ospreys/);
    const { posts } = await act(stage, searchArchive, { query: 'ring from:ola' });
    if (posts.length !== 1) throw new Error(`the search found ${posts.length} posts instead of one`);
    return [`Searching the archive for “ring from:ola” finds: ${posts[0]?.subject}`];
  });

  await step(stage, 'Eve, who is no member, posts; her mail waits for a moderator', async () => {
    const { answer } = await office.send({
      from: written(eve),
      to: list,
      subject: 'A question about feeders',
      text: 'Which seeds do you use in winter?',
    });
    return [`The server answered: ${answer}`];
  });

  await step(stage, 'The facilitator reads it and lets it through', async () => {
    const [waiting] = await act(stage, listHeld, {});
    if (!waiting) throw new Error('nothing waits');
    await act(stage, approveHeld, { id: waiting.id });
    await newest(office, ola.email, /feeders/);
    return [`It waited because ${waiting.reasons.map((reason) => reason.why).join('; ')}.`];
  });

  await step(
    stage,
    'Dana’s mail program offers “Unsubscribe”; one click, and she is off the list',
    async () => {
      const copy = await newest(office, dana.email, /feeders/);
      const link = copy.header('List-Unsubscribe')?.match(/<(https?:[^>]+)>/)?.[1];
      if (!link) throw new Error('her copy has no link');
      const reply = await fetch(link, {
        method: 'POST',
        body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
      });
      if (reply.status !== 200) throw new Error(`the page answered ${reply.status}`);
      const goodbye = await newest(office, dana.email, /You have left/);
      return quote(goodbye);
    },
  );
}

async function step(stage: Stage, title: string, happen: () => Promise<readonly string[]>): Promise<void> {
  const start = performance.now();
  const lines = await happen().catch((cause: Error) => {
    throw new Error(`This step of the demo did not happen: ${title}.\n  ${cause.message}`, { cause });
  });
  const ms = Math.max(1, Math.round(performance.now() - start));
  stage.say(
    `${String(ms).padStart(5)} ms  ${title}\n${lines.map((line) => `          ${line}\n`).join('')}\n`,
  );
}

function act<I, O>({ server }: Stage, operation: Operation<I, O>, input: unknown): Promise<O> {
  const operator: Actor = { kind: 'operator', via: 'cli' };
  return server.perform(operation, operator, input);
}

/** The newest mail to somebody whose subject matches. */
async function newest(office: PostOffice, email: string, subject: RegExp): Promise<LetterIn> {
  const letter = (await office.received(email)).find((each) => subject.test(each.subject));
  if (!letter) throw new Error(`no mail to ${email} with a subject like ${subject}`);
  return letter;
}

function quote(letter: LetterIn): string[] {
  return [
    `  Subject: ${letter.subject}`,
    ...letter.text
      .trim()
      .split(/\r?\n/)
      .map((line) => `  | ${line}`),
  ];
}

function written({ name, email }: { name: string; email: string }): string {
  return `${name} <${email}>`;
}
