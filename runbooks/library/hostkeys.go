package library

// HostKey describes one value that the texts take from the host's own
// configuration, as {{host.name}}.
type HostKey struct {
	Name    string // what stands after "host."
	What    string // what to put there, in French then in English
	Example string // an invented value, good enough for a test or a demonstration
}

// HostKeys returns every value that the shipped texts use, in the order in which
// a person would fill them in. A test keeps the list exact. A key that ends in
// _en is the English wording of the key before it.
func HostKeys() []HostKey {
	return []HostKey{
		{"name", "Le nom de l'hébergeur / The name of the host", "Hébergeur Exemple"},
		{"short", "Le nom court de l'hébergeur / The short name of the host", "Exemple"},
		{"contact", "L'adresse de courriel où écrire / The e-mail address to write to", "contact@example.org"},
		{"billing", "L'adresse de la comptabilité / The e-mail address for billing", "compta@example.org"},
		{"info", "La page des pannes et travaux / The page of outages and maintenance", "https://info.example.org/"},
		{"panel", "Le panneau de gestion / The control panel", "https://panel.example.org/"},
		{"webmail", "Le webmail / The webmail", "https://webmail.example.org/"},
		{"lists", "La gestion des listes de diffusion / Where mailing lists are managed", "https://lists.example.org/"},
		{"imap", "Le serveur pour lire le courriel / The server to read mail from", "imap.example.org"},
		{"smtp", "Le serveur pour envoyer le courriel / The server to send mail through", "smtp.example.org"},
		{"smtp_ip", "L'adresse publique (IP) de ce serveur d'envoi / The public (IP) address of that sending server", "198.51.100.25"},
		{"mx", "Le serveur qui reçoit le courriel d'Internet / The server that receives mail from the Internet", "mx1.example.org"},
		{"max_mo", "La taille maximale d'un message, en mégaoctets / The largest message, in megabytes", "20"},
		{"ftp", "Le serveur où déposer des fichiers / The server to upload files to", "ftp.example.org"},
		{"sftp_port", "Le port SFTP de ce serveur / The SFTP port of that server", "2222"},
		{"ns1", "Le premier serveur de noms / The first name server", "ns1.example.org"},
		{"ns2", "Le deuxième serveur de noms / The second name server", "ns2.example.org"},
		{"php", "Les versions de PHP proposées / The PHP versions offered", "8.2, 8.3, 8.4"},
		{"https", "Le guide pour avoir https / The guide to get https", "https://www.example.org/guide/https"},
		{"cms", "Le guide pour installer un site / The guide to install a site", "https://www.example.org/guide/cms"},
		{"retention", "Ce que couvrent les sauvegardes, en une phrase / What backups cover, in one phrase", "une copie par nuit, gardée 14 jours"},
		{"retention_en", "La même phrase en anglais / The same phrase in English", "one copy every night, kept for 14 days"},
		{"meeting_when", "Quand ont lieu les réunions / When meetings take place", "le 2e mardi du mois à 20 h"},
		{"meeting_when_en", "La même phrase en anglais / The same phrase in English", "on the 2nd Tuesday of the month at 8 pm"},
		{"meeting_place", "Où ont lieu les réunions / Where meetings take place", "12 rue de l'Exemple, Paris"},
		{"workshops", "La page des ateliers / The page of the workshops", "https://www.example.org/ateliers"},
		{"membership", "Le formulaire d'adhésion / The membership form", "https://www.example.org/adherer"},
		{"prices", "La page des tarifs / The price page", "https://www.example.org/tarifs"},
		{"billing_cycle", "Quand passent les prélèvements / When direct debits are taken", "tous les deux mois"},
		{"billing_cycle_en", "La même phrase en anglais / The same phrase in English", "every two months"},
		{"donate", "La page des dons / The donation page", "https://www.example.org/don"},
		{"sip", "Le serveur de téléphonie / The telephone server", "sip.example.org"},
		{"nolog_imap", "Le serveur des boîtes no-log / The server of the no-log mailboxes", "imap.no-log.example.org"},
		{"nolog_webmail", "Le webmail de no-log / The webmail of no-log", "https://webmail.no-log.example.org/"},
		{"sites", "Les lieux où sont les machines / The places where the machines are", "Paris (A), Montreuil (B)"},
	}
}
