/** The part of libmime we use; the package ships no types. */
declare module 'libmime/lib/charset.js' {
  const charsets: { decode(bytes: Buffer, charset: string): string };
  export default charsets;
}
