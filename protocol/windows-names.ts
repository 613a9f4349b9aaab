/** Names that Windows changes or refuses; both sides may run there. */

// A device name keeps its meaning with any extension, and with spaces before the extension.
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/** The characters that no name on Windows can contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in names
export const windowsForbidden = /[<>:"\\|?*\u0000-\u001f]/g;

/** Dots and spaces at the end of a name, which Windows removes. */
export const windowsDropped = /[. ]+$/;

/** Whether Windows takes `name` for a device. */
export function isWindowsDevice(name: string): boolean {
  return device.test(name);
}
