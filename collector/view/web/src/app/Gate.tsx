import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/requests';
import { LiveProvider } from '../live/LiveProvider';
import { FirstPasswordPage } from '../pages/login/FirstPasswordPage';
import { LoginPage } from '../pages/login/LoginPage';
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
  if (session) return session.must_change_password ? <FirstPasswordPage /> : <LiveProvider>{children}</LiveProvider>;
  if (error) {
    return (
      <Center h="100%" p="md">
        <ProblemNotice error={error} retry={() => void refetch()} />
      </Center>
    );
  }
  return <LoginPage />;
}
