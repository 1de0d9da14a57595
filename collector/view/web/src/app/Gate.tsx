import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, type ReactNode } from 'react';
import { sessionQuery } from '../api/requests';
import { LiveProvider } from '../live/LiveProvider';
import { ProblemNotice } from '../parts/Notice';

// Who has a session waits for none of these.
const FirstPasswordPage = lazy(async () => ({ default: (await import('../pages/login/FirstPasswordPage')).FirstPasswordPage }));
const LoginPage = lazy(async () => ({ default: (await import('../pages/login/LoginPage')).LoginPage }));

/** Nothing behind it is shown, or asked for, without a session. The address stays, so that log-in leads back to it. */
export function Gate({ children }: { children: ReactNode }) {
  const { data: session, error, isPending, refetch } = useQuery(sessionQuery);
  if (isPending) return <Waiting />;
  if (session && !session.must_change_password) return <LiveProvider>{children}</LiveProvider>;
  if (error && !session) {
    return (
      <Center h="100%" p="md">
        <ProblemNotice error={error} retry={() => void refetch()} />
      </Center>
    );
  }
  return <Suspense fallback={<Waiting />}>{session ? <FirstPasswordPage /> : <LoginPage />}</Suspense>;
}

function Waiting() {
  return (
    <Center h="100%">
      <Loader size="sm" aria-label="Loading" />
    </Center>
  );
}
