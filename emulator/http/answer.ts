/** A whole HTTP answer, before anything is done to it on its way. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An answer without a body. */
export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: '' };
}

/** An answer with a JSON body. */
export function json(status: number, value: unknown, type = 'application/json; charset=utf-8'): Answer {
  return { status, headers: { 'content-type': type }, body: JSON.stringify(value) };
}

/** An answer with an HTML page, as a proxy or the host of a single page application gives one. */
export function html(status: number, title: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}
