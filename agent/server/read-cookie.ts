/** The value of one cookie of a request; undefined when it is not there, or there twice. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  // Another program on this machine, at another port, may set cookies for the same name.
  return values.length === 1 && values[0] !== "" ? values[0] : undefined;
}
