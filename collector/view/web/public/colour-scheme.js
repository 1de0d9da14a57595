// Runs before the page paints, so that a dark page never flashes white. A file of its own: the CSP allows no inline script.
(function () {
  let chosen = 'auto';
  try {
    chosen = window.localStorage.getItem('rollcall-colour-scheme') ?? 'auto';
  } catch {
    // Storage is switched off: follow the system.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
