const units: Readonly<Record<string, number>> = {'': 1, k: 1e3, m: 1e6, g: 1e9};

/**
 * Bytes per second from text such as `500k`, `10M` or `1.5m` (thousands, millions; also `10MB/s` and the like); undefined
 * if `text` is not a rate, or less than one byte.
 */
export function parseRate(text: string): number | undefined {
  const parts = /^(\d{1,16}(?:\.\d{1,6})?)([kmg]?)(?:b?(?:\/s)?)$/i.exec(text);
  const [, number = '', unit = ''] = parts ?? [];
  const rate = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN));
  return rate >= 1 && Number.isSafeInteger(rate) ? rate : undefined;
}
