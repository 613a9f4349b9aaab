/** Names of keys: as people write them, and as the key parser gives them. */

const named: ReadonlySet<string> = new Set([
  ...['up', 'down', 'left', 'right', 'home', 'end', 'pageup', 'pagedown', 'insert', 'delete'],
  ...['enter', 'tab', 'escape', 'backspace', 'space'],
  ...Array.from({length: 12}, (_, index) => `f${index + 1}`),
]);

/** Names as on keyboards and on the help page. */
const others: Readonly<Record<string, string>> = {
  esc: 'escape',
  pgup: 'pageup',
  pgdn: 'pagedown',
  ins: 'insert',
  del: 'delete',
  return: 'enter',
};

const modifiers = ['ctrl', 'alt', 'shift'] as const;

/** With Ctrl, a terminal cannot tell these letters from Backspace, Tab and Enter. */
const ambiguous: ReadonlySet<string> = new Set(['h', 'i', 'j', 'm']);

/** The key parser's name for the key `text` (`Ctrl-U`, `PgUp`, `G`); undefined if there is no such key. */
export function keyName(text: string): string | undefined {
  if ([...text].length === 1) {
    return text === ' ' ? 'space' : /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(text) ? text : undefined;
  }

  const parts = text.toLowerCase().split('-');
  const base = parts.at(-1) ?? '';
  const key = Object.hasOwn(others, base) ? (others[base] ?? base) : base;
  const held = parts.slice(0, -1);
  if (
    !held.every((part, at) => modifiers.some(name => name === part) && !held.includes(part, at + 1))
  ) {
    return undefined;
  }

  if (named.has(key)) {
    return [...modifiers.filter(name => held.includes(name)), key].join('-');
  }

  // For Alt, most terminals send Escape and the letter.
  const [modifier] = held;
  if (held.length !== 1 || !/^[a-z]$/.test(key)) {
    return undefined;
  }

  return modifier === 'shift'
    ? key.toUpperCase()
    : modifier === 'ctrl' && !ambiguous.has(key)
      ? `ctrl-${key}`
      : undefined;
}
