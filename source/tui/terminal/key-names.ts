/** Names of keys as people write them, and as the key parser gives them. */

const named: ReadonlySet<string> = new Set([
  ...['up', 'down', 'left', 'right', 'home', 'end', 'pageup', 'pagedown', 'insert', 'delete'],
  ...['enter', 'tab', 'escape', 'backspace', 'space'],
  ...Array.from({length: 12}, (_, index) => `f${index + 1}`),
]);

/** As they stand on keyboards and on the help page. */
const others: Readonly<Record<string, string>> = {
  esc: 'escape',
  pgup: 'pageup',
  pgdn: 'pagedown',
  ins: 'insert',
  del: 'delete',
  return: 'enter',
};

const modifiers = ['ctrl', 'alt', 'shift'] as const;

/** Letters that a terminal cannot tell from Backspace, Tab and Enter when Ctrl is held. */
const ambiguous: ReadonlySet<string> = new Set(['h', 'i', 'j', 'm']);

/** The name that the key parser gives to the key `text` (`Ctrl-U`, `PgUp`, `G`); undefined if there is none. */
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

  // With Alt, most terminals send Escape and the letter.
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
