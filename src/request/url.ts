/** Whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

/** Whether URL parsers would fold a path segment away instead of sending it. */
export function isDotSegment(text: string): boolean {
  return /^(?:\.|%2e){1,2}$/iu.test(text);
}
