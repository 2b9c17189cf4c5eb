import { closeSync, openSync, writeSync } from 'node:fs';
import { seededRandom } from './random.ts';
import { anyWord } from './words.ts';

/** One message that others may answer. */
interface Told {
  readonly id: string;
  readonly subject: string;
  readonly lines: readonly string[];
  readonly author: string;
  readonly date: string;
  readonly references: readonly string[];
}

const years = 8 * 365 * 86_400_000;
const begin = Date.UTC(2015, 11, 13);

/**
 * An mbox like that of a real list, of about 1.5 KB a post: 300 people, of whom few write much; a third of the posts begin a
 * thread, the others answer a recent one and quote it; 4 % carry an attachment; eight years. The same bytes in every run.
 */
export function writeMbox(file: string, posts: number): void {
  const random = seededRandom(7);
  const exponential = (mean: number) => -Math.log(1 - random()) * mean;
  const people = Array.from({ length: 300 }, (_, i) => ({
    name: `${title(anyWord(random))} ${title(anyWord(random))}`,
    email: `sub${String(i).padStart(6, '0')}@example.net`,
  }));
  const threads: Told[][] = [];
  const output = openSync(file, 'w');
  let time = begin;
  for (let number = 0; number < posts; number++) {
    time += exponential(years / posts);
    const author = pick(people, Math.floor(exponential(40)));
    const thread = random() > 0.35 ? threads.at(-1 - Math.floor(exponential(12))) : undefined;
    const parent = thread?.at(-1 - Math.floor(random() * Math.min(4, thread.length)));
    const post = makePost({ random, number, parent, author: author.name, time });
    writeSync(output, mboxText(post, { random, parent, email: author.email }));
    if (thread) thread.push(post);
    else threads.push([post]);
    if (threads.length > 500) threads.splice(0, 250);
  }
  closeSync(output);
}

interface PostFacts {
  readonly random: () => number;
  readonly number: number;
  readonly parent: Told | undefined;
  readonly author: string;
  readonly time: number;
}

function makePost({ random, number, parent, author, time }: PostFacts): Told {
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const subject = parent
    ? parent.subject.replace(/^(Re: )?/, 'Re: ')
    : Array.from({ length: whole(3, 9) }, () => anyWord(random)).join(' ');
  const lines = Array.from({ length: whole(1, 5) }, () => paragraph(random, whole(30, 80))).flat();
  return {
    id: `<${number}.${Math.floor(random() * 2 ** 32).toString(16)}@example.net>`,
    subject,
    lines,
    author,
    date: new Date(time).toUTCString().replace('GMT', '+0000'),
    references: parent ? [...parent.references.slice(-8), parent.id] : [],
  };
}

function paragraph(random: () => number, words: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let i = 0; i < words; i++) {
    const word = anyWord(random);
    if (line.length + word.length > 70) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, `${line}.`, ''];
}

interface MboxFacts {
  readonly random: () => number;
  readonly parent: Told | undefined;
  readonly email: string;
}

function mboxText(post: Told, { random, parent, email }: MboxFacts): string {
  const quoted = parent
    ? [
        `On ${parent.date}, ${parent.author} wrote:`,
        ...parent.lines.slice(0, 4 + Math.floor(random() * 11)).map((line) => `> ${line}`),
        '',
      ]
    : [];
  const text = [...quoted, ...post.lines, '-- ', post.author, `Reading room of ${anyWord(random)}`];
  const head = [
    `From ${email} Thu Jan  1 00:00:00 2015`,
    `From: ${post.author} <${email}>`,
    'To: bench@lists.example',
    `Subject: ${post.subject}`,
    `Date: ${post.date}`,
    `Message-ID: ${post.id}`,
    'List-Id: bench <bench.lists.example>',
    'MIME-Version: 1.0',
    ...(parent ? [`In-Reply-To: ${parent.id}`, `References: ${post.references.join(' ')}`] : []),
  ];
  const entity = random() < 0.04 ? withAttachment(text, random) : [plain, '', ...text];
  return `${[...head, ...entity].join('\n')}\n\n`;
}

const plain = 'Content-Type: text/plain; charset=utf-8';

function withAttachment(text: readonly string[], random: () => number): string[] {
  const boundary = '=_part';
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    plain,
    '',
    ...text,
    `--${boundary}`,
    'Content-Type: text/csv; name="t.csv"',
    'Content-Disposition: attachment; filename="t.csv"',
    '',
    ...Array.from({ length: 60 }, (_, row) => `${row},${anyWord(random)}`),
    `--${boundary}--`,
  ];
}

function title(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function pick<T>(all: readonly T[], place: number): T {
  const found = all[Math.min(all.length - 1, place)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
