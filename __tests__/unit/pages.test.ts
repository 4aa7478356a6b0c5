import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasMore, PAGE_LIMIT, readPage } from '../../src/vantage/pages.ts';
import { ListedSecret } from '../../src/vantage/schema.ts';

const answer = (body: unknown) => ({
  kind: 'answered' as const,
  status: 200,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const read = (body: unknown) => readPage(answer(body), ListedSecret);
const item = (id: number) => ({ id: String(id), description: `number ${id}` });
const items = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => item(from + index));

describe('a page', () => {
  test('is an envelope, or a bare array', () => {
    expect(read({ items: items(0, 2), totalItemCount: 9 })).toMatchObject({ items: items(0, 2), total: 9 });
    expect(read({ items: items(0, 2) })).toMatchObject({ items: items(0, 2), total: undefined });
    expect(read(items(0, 2))).toMatchObject({ items: items(0, 2), total: undefined });
    expect(read([])).toEqual({ items: [], total: undefined });
  });

  test('numbers are ids as well, and odd texts are passed over', () => {
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
  ])('%s is none, and never an empty list', body => {
    expect(read(body)).toBeUndefined();
  });

  test('one item of an odd shape spoils the page', () => {
    expect(read([...items(0, 3), { name: 'odd' }])).toBeUndefined();
  });
});

describe('a list goes on', () => {
  test.each([
    ['until its count is reached', items(0, 2), 3, items(0, 0), true],
    ['and no further', items(2, 3), 3, items(0, 2), false],
    ['not after an empty page, whatever the count says', [], 3, items(0, 2), false],
    ['not after a page that repeats', items(0, 2), 9, items(0, 2), false],
    ['without a count, after a full page', items(0, PAGE_LIMIT), undefined, [], true],
    // A server may cut its pages shorter than was asked: without a count only an empty page or a repeat is the end.
    ['without a count, after a shorter page too', items(0, 2), undefined, [], true],
    ['without a count, not after an empty one', [], undefined, items(0, PAGE_LIMIT), false],
    [
      'without a count, not after a full one that repeats',
      items(0, PAGE_LIMIT),
      undefined,
      items(0, PAGE_LIMIT),
      false,
    ],
    ['not where there is nothing', [], 0, [], false],
  ])('%s', (_, page, total, before, more) => {
    expect(hasMore({ items: page, total }, before)).toBe(more);
  });

  test('and ends, whatever a server says', () => {
    const pages = fc.array(
      fc.record({ ids: fc.array(fc.nat(20), { maxLength: 5 }), total: fc.option(fc.nat(1000), { nil: undefined }) }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(pages, answers => {
        const known: { id: string }[] = [];
        for (let asked = 1; ; asked += 1) {
          const { ids, total } = answers[asked % answers.length] ?? { ids: [], total: undefined };
          const page = { items: ids.map(item), total };
          const more = hasMore(page, known);
          known.push(...page.items.filter(({ id }) => !known.some(other => other.id === id)));
          if (!more) return;
          expect(asked).toBeLessThanOrEqual(21);
        }
      }),
    );
  });
});
