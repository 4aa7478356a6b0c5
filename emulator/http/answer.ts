/** A complete HTTP response, before any fault changes it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A response without a body. */
export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: '' };
}

/** A response with a JSON body. */
export function json(status: number, value: unknown, type = 'application/json; charset=utf-8'): Answer {
  return { status, headers: { 'content-type': type }, body: JSON.stringify(value) };
}

/** A response with an HTML page, as a proxy or the host of a single page application sends it. */
export function html(status: number, title: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}
