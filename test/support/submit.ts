import { RawClient } from '../receive/raw-client.ts';

export interface Submission {
  /** Envelope sender; '' is the null sender. */
  readonly from: string;
  readonly to: readonly string[];
  /** Where the client is, as a proxy in front tells by XCLIENT to a server that believes it. */
  readonly client?: string;
  /** The whole message, CRLF; dots are stuffed here. */
  readonly raw: string | Buffer;
}

/** Gives one mail to an SMTP server on this machine, as a plain client would. Its last reply: the one to the mail, or the refusal. */
export async function submit(port: number, mail: Submission): Promise<string> {
  return (await converse(port, mail, 'EHLO'))[0] ?? '';
}

/** The same by LMTP: a reply for each recipient that was taken at RCPT, or the one refusal before that. */
export function submitByLmtp(port: number, mail: Submission): Promise<readonly string[]> {
  return converse(port, mail, 'LHLO');
}

async function converse(port: number, mail: Submission, hello: 'EHLO' | 'LHLO'): Promise<readonly string[]> {
  const client = await RawClient.open({ host: '127.0.0.1', port });
  try {
    const greeting = await client.reply();
    if (!greeting?.startsWith('220')) return [greeting ?? 'closed'];
    const recipients = mail.to.map((address) => `RCPT TO:<${address}>`);
    const proxy = mail.client
      ? [`${hello} proxy.example`, `XCLIENT ADDR=${mail.client} NAME=[UNAVAILABLE]`]
      : [];
    for (const line of [
      ...proxy,
      `${hello} client.example`,
      `MAIL FROM:<${utf8(mail.from)}>${/[^ -~]/.test(mail.from) ? ' SMTPUTF8' : ''}`,
      ...recipients,
      'DATA',
    ]) {
      const answer = await client.say(line);
      if (!/^[23]/.test(answer ?? '')) return [answer ?? 'closed'];
    }
    client.write(stuffed(Buffer.isBuffer(mail.raw) ? mail.raw.toString('latin1') : utf8(mail.raw)));
    const answers: string[] = [];
    for (let left = hello === 'LHLO' ? mail.to.length : 1; left > 0; left--) {
      answers.push((await client.reply()) ?? 'closed');
    }
    await client.say('QUIT');
    return answers;
  } finally {
    client.destroy();
  }
}

/** RFC 5321 §4.5.2. */
function stuffed(latin1: string): string {
  const whole = latin1.endsWith('\r\n') ? latin1 : `${latin1}\r\n`;
  return `${whole.replace(/^\./gm, '..')}.\r\n`;
}

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
