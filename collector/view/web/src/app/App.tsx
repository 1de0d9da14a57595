import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { TipLayer } from '../parts/TipLayer';
import { Gate } from './Gate';
import { styleNonce } from './nonce';
import { makeQueryClient } from './queryClient';
import { router } from './router';
import { theme } from './theme';

const colourScheme = localStorageColorSchemeManager({ key: 'rollcall-colour-scheme' });

export function App() {
  const [queries] = useState(makeQueryClient);
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
