/** Unexpected values for a place in a JSON message. */
import type {Random} from '../chaos/random.ts';

/** Names that a server must not send, or that a client must not use as they are. */
export const oddNames = [
  ...['', '.', '..', '/', '../outside', 'a/../../outside', '/etc/passwd', 'a//b', './a', 'a/'],
  ...['a\\b', 'C:x', 'CON', 'f:stream', 'dot. ', '\u0000', 'a\u0000b', '\u001b]52;c;eA==\u0007'],
  ...['\u202etxt', '\ud800', 'x'.repeat(256), 'd/'.repeat(65), 'y'.repeat(5000)],
  ...[
    'x.jangada-part',
    'd.jangada-part/x',
    '__proto__',
    'constructor',
    '%2e%2e%2f',
    '!a',
    '[',
    '{',
  ],
];

const oddNumbers = [
  ...[0, 1, -1, 0.5, 255, 256, 65_535, 65_536, 1_048_575, 1_048_576, 1_048_577, 2 ** 31, 2 ** 32],
  ...[2 ** 53 - 1, 2 ** 53, 2 ** 63, -(2 ** 53), 1e308, 8.64e15, -8.64e15, 1e-300],
];

const oddMasks = ['**', '*a*a*a*a*b', '{a,b}'.repeat(20), '!**', '../**', '/**', '*'.repeat(4097)];

/** The JSON text of a message with one value changed, or with other text instead of the whole message. */
export function oddJson(text: string, random: Random): string {
  const value: unknown = JSON.parse(text);
  if (!isContainer(value) || random.chance(0.05)) {
    return oddText(random);
  }

  let place = value;
  for (;;) {
    const key = random.pick([...Object.keys(place), 'more']);
    const inner = place[key];
    if (isContainer(inner) && random.chance(0.8)) {
      place = inner;
      continue;
    }

    if (random.chance(0.15)) {
      delete place[key];
    } else {
      place[key] = oddValue(random);
    }

    return JSON.stringify(value);
  }
}

/** Text that is not JSON, or a message that a receiver must refuse. */
function oddText(random: Random): string {
  return random.pick([
    ...[
      '',
      '{',
      'null',
      '[]',
      '0',
      '"x"',
      '{"path":"a","path":"../b"}',
      '{"__proto__":{"path":"a"}}',
    ],
    ...['['.repeat(100), '{"a":'.repeat(100_000), `${'['.repeat(9)}${']'.repeat(9)}`],
    ...[`{"path":"${'\\u0000'.repeat(1000)}"}`, '\ufeff{}', '{"path":"\\ud800"}', 'NaN'],
  ]);
}

function oddValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => random.pick(oddNames),
    () => random.pick(oddNumbers),
    () => random.pick(oddMasks),
    () => random.pick([null, true, false, [], {}, [[]], [null], {a: {b: {c: {}}}}]),
    () => ({base64: random.pick(['', '====', 'Li4=', 'AA==', 'L2V0Yw==', 'not base64!', '/w'])}),
    () => Array.from({length: random.between(1, 2000)}, (_, index) => [index, index]),
    () =>
      Array.from({length: random.between(1, 200)}, () => random.pick([...oddMasks, ...oddNames])),
    () => random.bytes(random.between(0, 400)).toString('latin1'),
  ])();
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
