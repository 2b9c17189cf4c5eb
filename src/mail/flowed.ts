/**
 * Text of `format=flowed` as paragraphs (RFC 3676 §4): a line that ends in a space goes on in the next one of the same quote depth;
 * `delSp`: that space is not part of the text. LF line ends.
 */
export function unflow(text: string, delSp: boolean): string {
  const out: string[] = [];
  let flowing: string | undefined;
  for (const line of text.split('\n')) {
    const marks = /^>*/.exec(line)?.[0] ?? '';
    // §4.4: a space put before `From `, `>` and spaces so that nothing on the way changes them.
    const content = line.slice(marks.length).replace(/^ /, '');
    // §4.3: the signature separator ends in a space and flows nowhere.
    const isSoft = content.endsWith(' ') && content !== '-- ';
    const shown = isSoft && delSp ? content.slice(0, -1) : content;
    if (flowing === marks && content !== '-- ') out.push(`${out.pop() ?? ''}${shown}`);
    else out.push(`${marks}${marks && shown ? ' ' : ''}${shown}`);
    flowing = isSoft ? marks : undefined;
  }
  return out.join('\n');
}
