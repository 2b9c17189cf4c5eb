import { DnsError } from '../dns/resolver.ts';
import type { Ask } from './ask.ts';

/** One mail must not wait longer for DNS, nor make us ask more: SPF alone may lead through some forty questions (RFC 7208 §4.6.4). */
const askLimits = { questions: 75, ms: 5000 };

/** `close` when the mail is done. What comes too late, or one question too many, is `ETIMEOUT`. */
export function boundAsk(ask: Ask, limits = askLimits): { readonly ask: Ask; close(): void } {
  let left = limits.questions;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DnsError('ETIMEOUT', 'within the time of one mail')), limits.ms);
  });
  late.catch(() => {}); // nobody may be asking just then
  return {
    ask: async (name, type, purpose) => {
      left -= 1;
      if (left < 0) throw new DnsError('ETIMEOUT', 'within the questions of one mail');
      return Promise.race([ask(name, type, purpose), late]);
    },
    close: () => clearTimeout(timer),
  };
}

/** A share of the questions of one mail; the same question again is none. One too many is `ETIMEOUT`. */
export function shareOf(ask: Ask, most: number): Ask {
  const asked = new Map<string, Promise<readonly unknown[]>>();
  return (name, type) => {
    const key = `${type} ${name}`;
    const known = asked.get(key);
    if (known) return known as never;
    const answer =
      asked.size < most ? ask(name, type) : Promise.reject(new DnsError('ETIMEOUT', 'within its share'));
    asked.set(key, answer);
    return answer;
  };
}
