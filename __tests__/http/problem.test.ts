import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeResponse, readProblem } from '../../src/http/failures.ts';
import { parseJson } from '../../src/http/message.ts';

const answer = (body: string, type = '', status = 400) => ({
  kind: 'answered' as const,
  status,
  headers: type ? { 'content-type': type } : {},
  body,
});

const PROBLEM = JSON.stringify({
  type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
  title: 'One or more validation errors occurred.',
  status: 400,
  detail: 'See errors.',
  instance: '/clients/',
  errors: { clientId: ['It is taken.', 'Choose another.'], allowedScopes: 'They are wrong.' },
  traceId: '00-1',
});
const SAID =
  'One or more validation errors occurred.; See errors.; clientId: It is taken. Choose another.; allowedScopes: They are wrong.';

describe('a problem is read', () => {
  test.each([
    'application/problem+json',
    'application/json; charset=utf-8',
    'text/json',
    'text/plain',
    'text/html',
    '',
  ])('from JSON served as %j', type => {
    expect(readProblem(answer(PROBLEM, type))).toBe(SAID);
  });

  test('with a byte order mark before it', () => {
    expect(readProblem(answer(`\ufeff${PROBLEM}`))).toBe(SAID);
  });

  test.each([
    ['{"error":"invalid_client"}', 'invalid_client'],
    ['{"error":"invalid_grant","error_description":"Wrong password"}', 'invalid_grant; Wrong password'],
    ['{"message":"Not today"}', 'Not today'],
    ['{"title":"Conflict","status":409}', 'Conflict'],
    ['{"title":"Bad","errors":{}}', 'Bad'],
    ['{"message":"Bad","errors":[]}', 'Bad'],
    ['{"message":"Bad","errors":"All of it"}', 'Bad; All of it'],
    ['{"message":"Bad","errors":["One","Two"]}', 'Bad; One; Two'],
    [
      '{"message":"Bad","errors":[{"resource":"Secret","field":"name","code":"missing_field"}]}',
      'Bad; Secret.name: missing_field',
    ],
    ['{"message":"Bad","errors":[{"resource":"Secret","code":"custom","message":"No"}]}', 'Bad; Secret: No'],
    ['{"message":"Bad","errors":[{"field":"name","code":"invalid","message":"No"}]}', 'Bad; name: No (invalid)'],
    ['{"message":"Bad","errors":[{"index":1}]}', 'Bad'],
  ])('from %s', (body, said) => {
    expect(readProblem(answer(body))).toBe(said);
  });

  test.each([
    ['a member of an unexpected type is ignored', '{"title":7,"detail":"Kept","errors":null}', 'Kept'],
    ['errors of an unexpected type too', '{"title":"Kept","errors":7}', 'Kept'],
    ['and a list that contains unexpected types', '{"title":"Kept","errors":[1,null]}', 'Kept'],
    [
      'and the unexpected members of an item in a list',
      '{"message":"Kept","errors":[{"field":7,"code":"invalid"}]}',
      'Kept; invalid',
    ],
    ['and errors that contain unexpected types', '{"title":"Kept","errors":{"a":[1,{"b":2}]}}', 'Kept'],
    ['JSON that says nothing', '{"status":400}', ''],
  ])('%s', (_, body, said) => {
    expect(readProblem(answer(body))).toBe(said);
  });

  test.each(['"Client exists already"', '[1,2]', 'null', '{"title":', 'Plain words'])(
    'the body is used as text if it is not a JSON object: %s',
    body => {
      expect(readProblem(answer(body, 'text/plain'))).toBe(body);
    },
  );
});

describe('of HTML, only the title is reported', () => {
  test.each([
    ['<html><head><title>502 Bad Gateway</title></head><body>long</body></html>', 'text/html', '502 Bad Gateway'],
    ['<!DOCTYPE html>\n<title lang="en">Sign in</title>', '', 'Sign in'],
    ['  <HTML><TITLE>Sign in</TITLE>', 'application/json', 'Sign in'],
  ])('%s', (body, type, title) => {
    expect(readProblem(answer(body, type))).toBe(`an HTML page titled "${title}"`);
  });

  test('or that there is none', () => {
    expect(readProblem(answer('<html><body>secret stuff</body></html>'))).toBe('an HTML page');
    expect(readProblem(answer('Bad Gateway', 'text/html'))).toBe('an HTML page');
  });
});

/** The redactor has its own tests. */
const hidesNothing = (text: string) => text;

describe('a response is described', () => {
  test.each([
    ['', 401, 'answered 401 with an empty body'],
    ['{"status":500}', 500, 'answered 500'],
    ['{"title":"Conflict"}', 409, 'answered 409 (Conflict)'],
    ['too\r\n  many\tlines', 503, 'answered 503 (too many lines)'],
    ['{"access_token":"t0ken"}', 200, 'answered 200 with an unexpected body'],
    ['t0ken', 201, 'answered 201 with an unexpected body'],
    ['<html><title>t0ken</title>', 200, 'answered 200 with an HTML page'],
    ['<html><title>Oops</title>', 502, 'answered 502 (an HTML page titled "Oops")'],
  ])('%j with %d', (body, status, said) => {
    expect(describeResponse(answer(body, '', status), hidesNothing)).toBe(said);
  });

  test('in one line of readable length, whatever it contains', () => {
    const bodies = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 2000 }), fc.json());
    fc.assert(
      fc.property(bodies, fc.constantFrom('', 'text/html', 'application/json'), (body, type) => {
        const said = describeResponse(answer(body, type), hidesNothing);
        expect(said).toMatch(/^answered 400/u);
        expect(said).not.toMatch(/[\r\n\t\u2028\u2029]/u);
        expect(said.length).toBeLessThan(350);
      }),
    );
  });
});

test('JSON is parsed or undefined, and never throws', () => {
  /** An integer that a double may round is replaced by its text. */
  const exact = (_key: string, value: unknown) =>
    typeof value === 'number' && /^-?\d+$/u.test(String(value)) && !Number.isSafeInteger(value) ? String(value) : value;
  fc.assert(
    fc.property(fc.jsonValue(), value =>
      expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value), exact)),
    ),
  );
  fc.assert(fc.property(fc.string(), text => void parseJson(text)));
  expect(parseJson('{"a":')).toBeUndefined();
});

test('integers in JSON keep every digit', () => {
  const text =
    '{"ids":[9007199254740991,9007199254740993,-9007199254740995,123456789012345678901234567890,1e300,0.5,7]}';
  expect(parseJson(text)).toEqual({
    ids: [9007199254740991, '9007199254740993', '-9007199254740995', '123456789012345678901234567890', 1e300, 0.5, 7],
  });
});
