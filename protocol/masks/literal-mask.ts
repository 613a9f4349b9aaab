/** A mask that matches the path `name` and no other. */
export function literalMask(name: string): string {
  return name.replace(/^!|[\\*?[\]{}]/g, '\\$&');
}
