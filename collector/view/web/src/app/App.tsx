import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { TipLayer } from '../parts/TipLayer';
import { askEarly } from './early';
import { Gate } from './Gate';
import { styleNonce } from './nonce';
import { makeQueryClient } from './queryClient';
import { router } from './router';
import { theme } from './theme';

const colourScheme = localStorageColorSchemeManager({ key: 'rollcall-colour-scheme' });

const queries = makeQueryClient();
askEarly(queries, window.location).catch(() => undefined);

export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colourScheme}
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queries}>
        <Gate>
          <RouterProvider router={router} />
        </Gate>
        <TipLayer />
      </QueryClientProvider>
    </MantineProvider>
  );
}
