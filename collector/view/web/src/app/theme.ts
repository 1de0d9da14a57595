import { ActionIcon, Button, createTheme, Modal, PasswordInput, Popover, TextInput, type MantineColorsTuple } from '@mantine/core';

const brand: MantineColorsTuple = [
  '#e8f6f8',
  '#d3eaee',
  '#a6d4dc',
  '#75bdc9',
  '#4fa9b8',
  '#2f93a4',
  '#1a7c8d',
  '#0f6674',
  '#0a5561',
  '#05444e',
];

/** Mantine's greys of the dark scheme, with a breath of the brand's blue. */
const dark: MantineColorsTuple = [
  '#dfe6e9',
  '#b5c1c7',
  '#9aa9b1',
  '#5c6b73',
  '#3a474e',
  '#2f3b41',
  '#1f292e',
  '#192125',
  '#141b1f',
  '#0f1417',
];

const systemFonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

/** Dense and calm: made for a page that is looked at eight hours a day. */
export const theme = createTheme({
  colors: { brand, dark },
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: systemFonts,
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: systemFonts, fontWeight: '650' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { radius: 'sm' } }),
    Button: Button.extend({ defaultProps: { radius: 'sm' } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.4 },
        // Mantine's title bar is a <header>, which would count as a second banner of the page.
        attributes: { header: { role: 'none' } },
      },
    }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 0 } } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
  },
});
