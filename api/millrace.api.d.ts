// The public surface of millrace. Printed by `npm run api`; review every change of it.
