import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Announcer } from "./kit/announce.tsx";
import { Toasts } from "./kit/toast.tsx";
import { queryClient } from "./remote/queries.ts";
import { router } from "./router.tsx";
import { Gate } from "./session/gate.tsx";
import { applyTheme } from "./session/theme.ts";
import "./styles.css";

applyTheme();
// A newer Everlink was installed while this page was open: its parts have other names now.
window.addEventListener("vite:preloadError", () => window.location.reload());

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Gate>
        <RouterProvider router={router} />
      </Gate>
      <Toasts />
      <Announcer />
    </QueryClientProvider>
  </StrictMode>,
);
