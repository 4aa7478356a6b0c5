import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify, type ToStringOptions } from 'yaml';
import type { Node } from '../../src/inputs/manifest/tree.ts';
import { parseYaml } from '../../src/inputs/manifest/yaml.ts';

/** A tree as the values that the library parses. */
function plainOf(node: Node | undefined): unknown {
  switch (node?.kind) {
    case 'text':
      return node.text;
    case 'number':
      return Number(node.source);
    case 'boolean':
      return node.source === 'true';
    case 'list':
      return node.items.map(plainOf);
    case 'map':
      return Object.fromEntries(node.pairs.map(({ key, value }) => [key, plainOf(value)]));
    default:
      return null;
  }
}

/** Each text of a tree with its offset. */
function textsOf(node: Node | undefined): readonly { readonly at: number; readonly text: string }[] {
  switch (node?.kind) {
    case 'text':
      return [node];
    case 'list':
      return node.items.flatMap(textsOf);
    case 'map':
      return node.pairs.flatMap(({ key, at, value }) => [{ at, text: key }, ...textsOf(value)]);
    default:
      return [];
  }
}

const word = fc.stringMatching(/^[a-z]\w{0,8}(?: [\w.:/#-]{1,9})?$/u);
const scalar = fc.oneof(
  word,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('', '1', 'two\nlines', '- a', '# b'),
);
const item = fc.dictionary(
  word,
  fc.oneof(scalar, fc.array(word, { maxLength: 3 }), fc.dictionary(word, scalar, { maxKeys: 3 })),
  {
    minKeys: 1,
    maxKeys: 4,
  },
);
const style: fc.Arbitrary<ToStringOptions> = fc.record({
  indent: fc.constantFrom(1, 2, 4),
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom('any', 'flow'),
  defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_FOLDED'),
  lineWidth: fc.constantFrom(0, 30, 80),
});

/** Long enough for several parts: a list is converted in pieces of 62 items. */
const longList = fc.array(item, { minLength: 60, maxLength: 140 });

describe('a file that is converted while it is read', () => {
  test('has the same values as the library reads', () => {
    fc.assert(
      fc.property(
        item,
        longList,
        longList,
        style,
        fc.constantFrom('\n', '\r\n'),
        (defaults, clients, others, options, end) => {
          const text = stringify({ defaults, clients, others, last: 1 }, options).replaceAll('\n', end);
          const { root, problems } = parseYaml(text);
          expect(problems).toEqual([]);
          expect(plainOf(root)).toEqual(parse(text));
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test('has the right place of each text, whatever comments precede it', () => {
    fc.assert(
      fc.property(longList, fc.array(fc.nat({ max: 139 }), { maxLength: 20 }), (clients, commented) => {
        const parts = clients.map((client, index) => {
          const comment = commented.includes(index) ? `# ${index}\n\n` : '';
          return `${comment}${stringify([client], { indent: 2, lineWidth: 0 })}`;
        });
        const { root, problems } = parseYaml(`clients:\n${parts.join('')}`);
        const text = `clients:\n${parts.join('')}`;
        expect(problems).toEqual([]);
        const wrong = textsOf(root).filter(
          one =>
            /^\w+$/u.test(one.text) && !text.startsWith(one.text, one.at) && !text.startsWith(`"${one.text}"`, one.at),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test('has a place for an alias, and the value of the anchor, also of an earlier piece', () => {
    const clients = Array.from(
      { length: 300 },
      (_, index) =>
        `- name: ${index === 0 ? '&name first' : '*name'}\n  list: ${index === 70 ? '&list [x]' : index > 70 ? '*list' : '[]'}\n`,
    );
    const text = `clients:\n${clients.join('')}`;
    const { root, problems, positionOf } = parseYaml(text);
    expect(problems).toEqual([]);
    expect(plainOf(root)).toEqual(parse(text, { maxAliasCount: -1 }));
    const last = textsOf(root).at(-3);
    expect(last && positionOf(last.at)).toEqual({ line: 600, column: 9 });
  });

  test.each([
    ['', undefined, []],
    ['a: [', { kind: 'rejected' }, [expect.stringMatching(/flow sequence/iu)]],
    ['a: *b\n', { kind: 'map' }, ['expected an alias of an anchor that is defined before it']],
  ])('reports what is wrong with %j', (text, root, problems) => {
    const tree = parseYaml(text);
    expect(tree.problems.map(problem => problem.text)).toEqual(problems);
    if (root) {
      expect(tree.root).toMatchObject(root);
    } else {
      expect(tree.root).toBeUndefined();
    }
  });
});
