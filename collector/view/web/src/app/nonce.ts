declare global {
  /** Read by the scroll lock of Mantine's dialogs for the style element that it adds. */
  var __webpack_nonce__: string | undefined;
}

/** The collector puts a fresh nonce into index.html at each answer; styles made at run time carry it. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

globalThis.__webpack_nonce__ = styleNonce;
