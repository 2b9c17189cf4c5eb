/** A mail of so many parts with header blocks as large as are read, each of which is unfolded and kept: it takes three times its size. */
export function manyHeads(parts: number): Buffer {
  const long = `X-Long: ${'word\r\n '.repeat(4_600)}end\r\n`;
  const head = 'From: anna@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';
  return Buffer.from(`${head}${`--b\r\n${long}\r\nx\r\n`.repeat(parts)}--b--\r\n`);
}
