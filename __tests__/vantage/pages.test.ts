import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Page, readList, readPage } from '../../src/vantage/pages.ts';
import { ListedSecretSchema } from '../../src/vantage/schema.ts';

const answer = (body: unknown) => ({
  kind: 'answered' as const,
  status: 200,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const read = (body: unknown) => readPage(answer(body), ListedSecretSchema);
const item = (id: number) => ({ id: String(id), description: `number ${id}` });
const items = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => item(from + index));

describe('a page', () => {
  test('is an envelope, or a bare array', () => {
    expect(read({ items: items(0, 2), totalItemCount: 9 })).toMatchObject({ items: items(0, 2), total: 9 });
    expect(read({ items: items(0, 2) })).toMatchObject({ items: items(0, 2), total: undefined });
    expect(read(items(0, 2))).toMatchObject({ items: items(0, 2), total: undefined });
    expect(read([])).toEqual({ items: [], total: undefined });
  });

  test('numbers are IDs as well, and unexpected types of text are ignored', () => {
    expect(read([{ id: 7, description: null, expiration: 5 }])?.items).toEqual([
      expect.objectContaining({ id: '7', description: null, expiration: undefined }),
    ]);
  });

  test.each([
    '',
    'null',
    '"none"',
    '{}',
    '{"items":null}',
    '{"items":{}}',
    '{"totalItemCount":0}',
    '{"items":[{}],"totalItemCount":1}',
    '{"items":[],"totalItemCount":"0"}',
    '[{"description":"without an id"}]',
    '[{"id":""}]',
    '[null]',
    '<html></html>',
    '{"title":"Not found"}',
  ])('%s is not a list, and never an empty one', body => {
    expect(read(body)).toBeUndefined();
  });

  test('one malformed item invalidates the page', () => {
    expect(read([...items(0, 3), { name: 'odd' }])).toBeUndefined();
  });
});

/** A list of numbered items that is read in pages, as a server returns them. */
function list(
  read: (offset: number, asked: number, limit: number) => Page<{ id: string }> | 'unreadable' | 'too-large',
) {
  let asked = 0;
  return readList({
    items: 'things',
    limit: 10,
    keyOf: ({ id }: { id: string }) => id,
    read: async (offset, limit) => {
      const page = read(offset, asked++, limit);
      if (page === 'too-large') {
        return { kind: 'too-large', reason: 'GET …: the body is over the limit' };
      }
      return page === 'unreadable'
        ? { kind: 'unreadable', reason: 'GET … answered 404', code: 'unsupported' }
        : { kind: 'found', found: page };
    },
  });
}
const ids = async (reading: ReturnType<typeof list>) => {
  const read = await reading;
  return read.kind === 'found' ? read.found.map(({ id }) => Number(id)) : read.reason;
};
const upTo = (end: number) => Array.from({ length: end }, (_, index) => index);

describe('a list', () => {
  test.each([
    ['with its count, in one page', 3, 10, true],
    ['with its count, in three', 25, 10, true],
    ['with its count, the last page full', 20, 10, true],
    ['of nothing', 0, 10, true],
    ['without its count, in three pages', 25, 10, false],
    ['without its count, the last page full', 20, 10, false],
    ['without its count, of nothing', 0, 10, false],
  ])('%s', async (_, length, pageSize, counted) => {
    const offsets: number[] = [];
    const reading = list(offset => {
      offsets.push(offset);
      const page = items(offset, Math.min(length, offset + pageSize));
      return { items: page, total: counted ? length : undefined };
    });
    expect(await ids(reading)).toEqual(upTo(length));
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  test('of a server that ignores pages', async () => {
    expect(await ids(list(() => ({ items: items(0, 5), total: 5 })))).toEqual(upTo(5));
    expect(await ids(list(() => ({ items: items(0, 5), total: undefined })))).toEqual(upTo(5));
  });

  test.each<[string, Page<{ id: string }>[], boolean]>([
    ['with its count', [{ items: items(0, 5), total: 5 }], true],
    ['with its count, of nothing', [{ items: [], total: 0 }], true],
    ['without its count, of nothing', [{ items: [], total: undefined }], true],
    [
      'without its count, with an end',
      [
        { items: items(0, 5), total: undefined },
        { items: items(4, 5), total: undefined },
      ],
      true,
    ],
    ['without its count, repeating', [{ items: items(0, 5), total: undefined }], false],
    ['of one item, without its count, repeating', [{ items: items(0, 1), total: undefined }], false],
  ])('%s is known to be complete, or not', async (_, pages, whole) => {
    const read = await list((_offset, asked) => pages[asked] ?? pages.at(-1) ?? 'unreadable');
    expect(read).toMatchObject({ kind: 'found', whole });
  });

  test.each([
    ['of a server that repeats a full page, which may be incomplete', 10, undefined, true],
    ['of a server that returns more than was requested', 12, undefined, true],
    ['of a server that returns fewer than were requested', 5, undefined, true],
    ['of a server that returns fewer than its count', 5, 12, false],
  ])('%s', async (_, length, total, isFound) => {
    const read = await list(() => ({ items: items(0, length), total }));
    expect(read).toMatchObject(isFound ? { found: items(0, length), whole: false } : { code: 'unexpected-response' });
  });

  test.each([
    ['of five at most', 5],
    ['of one', 1],
  ])('whose pages are too large is read again in pages %s', async (_, most) => {
    const limits = new Set<number>();
    const reading = list((offset, _asked, limit) => {
      limits.add(limit);
      return limit > most ? 'too-large' : { items: items(offset, Math.min(25, offset + limit)), total: 25 };
    });
    expect(await ids(reading)).toEqual(upTo(25));
    expect([...limits]).toEqual([10, 5, 2, 1].slice(0, most === 5 ? 2 : 4));
  });

  test('with a single item that is too large is unreadable', async () => {
    const reading = list((offset, _asked, limit) =>
      offset + limit > 7 ? 'too-large' : { items: items(offset, offset + limit), total: 25 },
    );
    expect(await reading).toEqual({
      kind: 'unreadable',
      reason: 'a page with one of its things is too large: GET …: the body is over the limit',
      code: 'unexpected-response',
    });
  });

  const server = (held: number[], size: number, isCounted: boolean, between: (asked: number) => void) =>
    list((offset, asked) => {
      between(asked);
      return {
        items: held.slice(offset, offset + size).map(item),
        total: isCounted ? held.length : undefined,
      };
    });

  test.each([
    ['in pages with a count', 4, true],
    ['in pages without one', 4, false],
    ['in pages of two', 2, false],
  ])('that shrinks and grows at once, %s, is read again', async (_, size, isCounted) => {
    const held = upTo(12);
    const reading = server(held, size, isCounted, asked => {
      if (asked === 2) {
        held.splice(1, 1);
        held.push(99);
      }
    });
    expect(await ids(reading)).toEqual([0, ...upTo(12).slice(2), 99]);
  });

  test('in pages of one, which cannot overlap, is read to its end', async () => {
    expect(await ids(server(upTo(5), 1, false, () => undefined))).toEqual(upTo(5));
  });

  test('that grows at its start is read again', async () => {
    const held = upTo(9);
    const reading = server(held, 4, false, asked => {
      if (asked === 1) {
        held.unshift(99);
      }
    });
    expect(await ids(reading)).toEqual([99, ...upTo(9)]);
  });

  test('whose second page is once the same as the first is read again', async () => {
    for (const repeated of [1, 2, 3]) {
      const reading = list((offset, asked) => {
        const from = asked === repeated ? Math.max(0, offset - 3) : offset;
        return { items: items(from, Math.min(20, from + 4)), total: undefined };
      });
      expect(await ids(reading)).toEqual(upTo(20));
    }
  });

  test('is unreadable if a later page is', async () => {
    const reading = list(offset => (offset > 0 ? 'unreadable' : { items: items(0, 5), total: 9 }));
    expect(await reading).toMatchObject({ kind: 'unreadable', code: 'unsupported' });
  });

  test('is read again if it shrinks or grows meanwhile', async () => {
    for (const [first, then] of [
      [20, 18],
      [18, 20],
    ] as const) {
      const reading = list((offset, asked) => {
        const length = asked === 0 ? first : then;
        return { items: items(offset, Math.min(length, offset + 10)), total: length };
      });
      expect(await ids(reading)).toEqual(upTo(then));
    }
  });

  test('that keeps changing is unreadable', async () => {
    const reading = list((offset, asked) => ({ items: items(offset, offset + 10), total: 100 - asked }));
    expect(await reading).toMatchObject({ kind: 'unreadable', code: 'unexpected-response' });
  });

  test.each([
    ['ends before its count is reached', 10],
    ['repeats before its count is reached', 5],
  ])('that %s is unreadable, and never counts as complete', async (_, repeatsAt) => {
    const reading = list(offset => ({
      items: offset >= repeatsAt ? items(0, repeatsAt % 10) : items(offset, 5),
      total: 12,
    }));
    expect(await reading).toMatchObject({ kind: 'unreadable', code: 'unexpected-response' });
  });

  test('ends, whatever a server returns', async () => {
    const pages = fc.array(
      fc.record({ ids: fc.array(fc.nat(20), { maxLength: 5 }), total: fc.option(fc.nat(1000), { nil: undefined }) }),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(pages, async answers => {
        await list((_, asked) => {
          expect(asked).toBeLessThanOrEqual(3 * 23);
          const { ids, total } = answers[asked % answers.length] ?? { ids: [], total: undefined };
          return { items: ids.map(item), total };
        });
      }),
    );
  });
});
