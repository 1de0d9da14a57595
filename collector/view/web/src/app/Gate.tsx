import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/requests';
import { LiveProvider } from '../live/LiveProvider';
import { CodePage } from '../pages/login/CodePage';
import { FirstPasswordPage } from '../pages/login/FirstPasswordPage';
import { LoginPage } from '../pages/login/LoginPage';
import { SecondStepPage } from '../pages/login/SecondStepPage';
import { ProblemNotice } from '../parts/Notice';

/** Nothing behind it is shown, or asked for, without a session. The address stays, so that log-in leads back to it. */
export function Gate({ children }: { children: ReactNode }) {
  const { data: session, error, isPending, refetch } = useQuery(sessionQuery);
  if (isPending) {
    return (
      <Center h="100%">
        <Loader size="sm" aria-label="Loading" />
      </Center>
    );
  }
  if (session?.awaits_code) return <CodePage />;
  if (session?.must_change_password) return <FirstPasswordPage />;
  if (session?.must_set_up_totp) return <SecondStepPage />;
  if (session) return <LiveProvider>{children}</LiveProvider>;
  if (error) {
    return (
      <Center h="100%" p="md">
        <ProblemNotice error={error} retry={() => void refetch()} />
      </Center>
    );
  }
  return <LoginPage />;
}
